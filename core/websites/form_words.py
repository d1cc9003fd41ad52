"""What a site's server says about a message that it did not take, in the site's language."""

from __future__ import annotations

from collections.abc import Mapping

_SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your message was not sent yet",
        "not_sent": "Something has to be put right first. What you wrote is still here.",
        "confirm": "Check your message and send it once more. This keeps programs out.",
        "too_quick": "That was very quick. Wait a few seconds and send it once more.",
        "too_many": "Too many messages came from here in a short time. Wait a few minutes and send it once more.",
        "name_missing": "Write your name.",
        "email_wrong": "Write your e-mail address, for example name@example.com.",
        "message_missing": "Write your message.",
        "too_long": "Make it shorter.",
        "not_plain": "Leave out control characters.",
    },
    "de": {
        "title": "Ihre Nachricht ist noch nicht gesendet",
        "not_sent": "Vorher muss noch etwas berichtigt werden. Ihr Text ist noch da.",
        "confirm": "Prüfen Sie Ihre Nachricht und senden Sie sie noch einmal. Das hält Programme fern.",
        "too_quick": "Das ging sehr schnell. Warten Sie einige Sekunden und senden Sie sie noch einmal.",
        "too_many": "Von hier kamen zu viele Nachrichten in kurzer Zeit. Warten Sie einige Minuten und senden Sie sie erneut.",
        "name_missing": "Geben Sie Ihren Namen an.",
        "email_wrong": "Geben Sie Ihre E-Mail-Adresse an, zum Beispiel name@example.com.",
        "message_missing": "Schreiben Sie Ihre Nachricht.",
        "too_long": "Kürzen Sie dies.",
        "not_plain": "Lassen Sie Steuerzeichen weg.",
    },
    "fr": {
        "title": "Votre message n’est pas encore envoyé",
        "not_sent": "Il faut d’abord corriger quelque chose. Votre texte est toujours là.",
        "confirm": "Vérifiez votre message et envoyez-le encore une fois. Cela tient les programmes à l’écart.",
        "too_quick": "C’était très rapide. Attendez quelques secondes et envoyez-le encore une fois.",
        "too_many": "Trop de messages sont venus d’ici en peu de temps. Attendez quelques minutes et envoyez-le encore une fois.",
        "name_missing": "Indiquez votre nom.",
        "email_wrong": "Indiquez votre adresse e-mail, par exemple nom@example.com.",
        "message_missing": "Écrivez votre message.",
        "too_long": "Raccourcissez ce texte.",
        "not_plain": "Retirez les caractères de contrôle.",
    },
    "es": {
        "title": "Su mensaje aún no se ha enviado",
        "not_sent": "Antes hay que corregir algo. Su texto sigue aquí.",
        "confirm": "Revise su mensaje y envíelo otra vez. Así quedan fuera los programas.",
        "too_quick": "Ha sido muy rápido. Espere unos segundos y envíelo otra vez.",
        "too_many": "Han llegado demasiados mensajes desde aquí en poco tiempo. Espere unos minutos y envíelo otra vez.",
        "name_missing": "Escriba su nombre.",
        "email_wrong": "Escriba su correo electrónico, por ejemplo nombre@example.com.",
        "message_missing": "Escriba su mensaje.",
        "too_long": "Acórtelo.",
        "not_plain": "Quite los caracteres de control.",
    },
    "ja": {
        "title": "メッセージはまだ送信されていません",
        "not_sent": "先に直すところがあります。入力した内容は残っています。",
        "confirm": "内容を確かめて、もう一度送信してください。自動プログラムを防ぐためです。",
        "too_quick": "送信が早すぎました。数秒待って、もう一度送信してください。",
        "too_many": "短い時間に多くのメッセージが届きました。数分待って、もう一度送信してください。",
        "name_missing": "お名前を入力してください。",
        "email_wrong": "メールアドレスを入力してください。例: name@example.com",
        "message_missing": "メッセージを入力してください。",
        "too_long": "短くしてください。",
        "not_plain": "制御文字を取り除いてください。",
    },
    "ar": {
        "title": "لم تُرسل رسالتك بعد",
        "not_sent": "يجب تصحيح شيء أولاً. ما كتبته ما زال هنا.",
        "confirm": "راجع رسالتك وأرسلها مرة أخرى. هذا يمنع البرامج الآلية.",
        "too_quick": "كان ذلك سريعًا جدًا. انتظر بضع ثوانٍ وأرسلها مرة أخرى.",
        "too_many": "وصلت رسائل كثيرة من هنا في وقت قصير. انتظر بضع دقائق وأرسلها مرة أخرى.",
        "name_missing": "اكتب اسمك.",
        "email_wrong": "اكتب بريدك الإلكتروني، مثل name@example.com.",
        "message_missing": "اكتب رسالتك.",
        "too_long": "اختصر النص.",
        "not_plain": "احذف رموز التحكم.",
    },
}  # fmt: skip


def form_words(language: str) -> Mapping[str, str]:
    """Of a language tag as a site has it; English where there are none."""
    return _SAID.get(language.split("-")[0].lower(), _SAID["en"])
