"""What the manifest of a package says, and how whoever received it checks that nothing was changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.deliverables.queries import PackageView
from core.deliverables.rules import EVERYTHING
from core.deliverables.sealing.manifest import MANIFEST
from pages.components.facts import facts_table
from pages.components.page import Screen
from pages.components.words import count


def package_proof(screen: Screen, view: PackageView) -> None:
    manifest = view.manifest
    if not manifest or view.row.draft:
        return
    with st.container(border=True, key="package-proof"):
        st.subheader("Proof", anchor=False)
        st.markdown(
            "The manifest names each file, figure, source and approval by its digest, and is signed with this "
            "installation’s key. Whoever has the package finds a change of any of them."
        )
        facts_table(_facts(view, manifest))
        with st.expander("How to check it", icon=":material/verified_user:"):
            st.markdown("With Countersign at hand, on the ZIP or the folder it was unpacked into:")
            signed_by = str((manifest.get("signature") or {}).get("fingerprint", ""))
            command = f"python -m core.deliverables verify {EVERYTHING} --key {signed_by}"
            st.code(command, language=None, wrap_lines=True)
            st.markdown(
                "Whoever receives it should learn the fingerprint of the key by another way than the package came: it is "
                "what tells this house’s packages from anybody’s."
            )
        st.download_button(
            MANIFEST, icon=":material/download:", type="tertiary", key="download-manifest", on_click="ignore",
            data=lambda: screen.app.packages_queries.file(screen.actor, view.row.id, MANIFEST).data,
            mime="application/json", file_name=MANIFEST,
        )  # fmt: skip


def _facts(view: PackageView, manifest: Mapping[str, Any]) -> dict[str, str]:
    approvals, sources = manifest.get("approvals", ()), manifest.get("sources", ())
    voices = sum(len(one.get("votes", ())) for one in approvals)
    signature = manifest.get("signature") or {}
    return {
        "Approvals": f"{count(len(approvals), 'decision')} with {count(voices, 'vote')}" if approvals else "None in it",
        "Figures": count(len(manifest.get("figures", ())), "figure"),
        "Sources": count(len(sources), "source"),
        "Audit entries": count(len(manifest.get("audit", ())), "entry", "entries"),
        "Manifest, SHA-256": view.manifest_sha256 or "",
        "Key fingerprint": str(signature.get("fingerprint", "")),
    }  # fmt: skip
