#!/bin/sh
# The whole loop with curl: look at a plan, propose it, wait until people decide, read the receipt.
#
#   COUNTERSIGN_URL=http://127.0.0.1:8501 COUNTERSIGN_TOKEN=cs_… ./session.sh someone@example.com
set -eu

url=${COUNTERSIGN_URL:-http://127.0.0.1:8501}
to=${1:?"name the e-mail address to write to"}
key="session-$(date +%s)-$$"

call() { # METHOD PATH [BODY]; with a refusal, its sentence and the end
  answer=$(printf '%s' "${3:-}" | curl --silent --show-error --request "$1" "$url$2" \
    --header "Authorization: Bearer $COUNTERSIGN_TOKEN" --header 'Content-Type: application/json' \
    --header "Idempotency-Key: $key" --write-out '\n%{http_code}' --data-binary @-)
  status=${answer##*
}
  answer=${answer%
*}
  case $status in 2*) printf '%s' "$answer" ;; *) printf '%s %s\n' "$status" "$answer" >&2; exit 2 ;; esac
}
read_only() { # PATH
  curl --silent --show-error --fail-with-body "$url$1" --header "Authorization: Bearer $COUNTERSIGN_TOKEN"
}
field() { # NAME: the first text of that name
  grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4
}

params="{\"to\": [\"$to\"], \"subject\": \"A word from an agent\", \"body\": \"People agreed to this message.\"}"

echo "1. What would it do?"
call POST /api/actions/plan "{\"operation\": \"email_send\", \"params\": $params}" | field summary

echo "2. Propose it."
key="$key-propose"
action=$(call POST /api/actions "{\"operation\": \"email_send\", \"title\": \"Write to $to\", \"params\": $params,
  \"rationale\": \"An example session asks for it.\"}" | field id)
echo "   $url/inbox?card=$action"

echo "3. Wait for people."
while :; do
  status=$(read_only "/api/actions/$action" | field status)
  case $status in pending | approved | executing) sleep 2 ;; *) break ;; esac
done

echo "4. It is $status."
read_only "/api/actions/$action" | grep -o '"attempt_history":.*' | field message
[ "$status" = executed ]
