#!/usr/bin/env bash
# Checks a Dalil bundle (docs/formats/bundle.md) with tools of any Debian and none of ours: coreutils, findutils, sed, grep,
# awk, xxd, jq, openssl; spicy-litetlog or spicy-torchwood is used where it is. Collects what is wrong. Exit codes: 0 holds,
# 4 does not hold, 2 called wrongly or a tool is missing.
set -u -o pipefail
export LC_ALL=C

usage() {
  cat >&2 <<'HELP'
check-bundle.sh [--key VKEY] [--anchors FILE.pem] FOLDER
  --key VKEY          the checkpoint key as it reached you on another way: without it, the bundle's own is believed
  --anchors FILE.pem  the time authorities that you trust: without it, those that the case names
HELP
  exit 2
}
trusted_key='' trusted_anchors='' bundle=''
while [ $# -gt 0 ]; do
  case $1 in
    --key) [ $# -gt 1 ] || usage; trusted_key=$2; shift 2 ;;
    --anchors) [ $# -gt 1 ] && [ -f "$2" ] || usage; trusted_anchors=$(realpath "$2"); shift 2 ;;
    -*) usage ;;
    *) [ -z "$bundle" ] || usage; bundle=$1; shift ;;
  esac
done
[ -n "$bundle" ] && cd -- "$bundle" 2>/dev/null || usage
for tool in awk base64 basenc cmp comm find grep jq openssl sed sha256sum sort tr xxd; do
  command -v "$tool" >/dev/null || { echo "missing: $tool" >&2; exit 2; }
done
spicy=$(command -v spicy-litetlog || command -v spicy-torchwood || true)
work=$(mktemp -d) || exit 2
trap 'rm -rf -- "$work"' EXIT
problems=0
wrong() { problems=$((problems + 1)); printf 'wrong: %s\n' "$*"; }
note() { printf 'note: %s\n' "$*"; }
verdict() {
  [ "$problems" -eq 0 ] && { echo "holds"; exit 0; }
  echo "does not hold: $problems problems"
  exit 4
}
# Nothing beyond a broken frame can be read with any meaning.
stop() { wrong "$*"; verdict; }

hex_of() { base64 -d 2>/dev/null | xxd -p -c 256; }
unhex() { xxd -r -p; }
url_to_hex() { { tr '_-' '/+'; echo '=='; } | tr -d '\n' | base64 -d 2>/dev/null | xxd -p -c 256; }
hex_to_url() { unhex | basenc --base64url -w 0 | tr -d =; }
node_hash() { printf '01%s%s' "$1" "$2" | unhex | sha256sum | cut -c 1-64; }
signed_by() { openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3" >/dev/null 2>&1; }
# A raw Ed25519 key (hex) as PEM: twelve bytes of RFC 8410 before it.
pem_of() { printf '302a300506032b6570032100%s' "$1" | unhex | openssl pkey -pubin -inform DER 2>/dev/null; }
# C2SP signed-note: the id of a key, from its name, and its type and the key itself in hex.
key_id() { { printf '%s\n' "$1"; printf %s "$2" | unhex; } | sha256sum | cut -c 1-8; }

# --- The bag: every file is named once, is there, and is as it was packed (RFC 8493, and the strict form of bundles).
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' | cmp -s - bagit.txt || wrong 'bagit.txt is not the declaration of a bag'
for manifest in manifest-sha256.txt tagmanifest-sha256.txt; do
  [ -f "$manifest" ] || stop "$manifest is missing"
  grep -qvE '^[0-9a-f]{64}  [A-Za-z0-9._/-]+$' "$manifest" && stop "$manifest: a line is not a hash and a plain path"
  [ -z "$(tail -c 1 "$manifest" | tr -d '\n')" ] || stop "$manifest: its last line does not end"
  cut -c 67- "$manifest" > "$work/paths"
  grep -qE '(^|/)(\.{0,2})(/|$)' "$work/paths" && stop "$manifest: a path leaves the bag"
  sort -c -u "$work/paths" 2>/dev/null || wrong "$manifest: a path stands twice, or not in its order"
done
cut -c 67- manifest-sha256.txt | grep -qv '^data/' && wrong 'manifest-sha256.txt names a tag file'
cut -c 67- tagmanifest-sha256.txt | grep -q '^data/' && wrong 'tagmanifest-sha256.txt names a file of the payload'
for tag in bagit.txt bag-info.txt manifest-sha256.txt VERIFY.txt keys/checkpoint.vkey keys/checkpoint.pem keys/record.pem; do
  grep -q "^.\{66\}$tag\$" tagmanifest-sha256.txt || wrong "tagmanifest-sha256.txt does not name $tag"
done
cut -c 67- tagmanifest-sha256.txt | grep -vxE 'bagit\.txt|bag-info\.txt|manifest-sha256\.txt|VERIFY\.txt|verify\.(html|mjs)|keys/(checkpoint\.(vkey|pem)|record\.pem|allowed_signers)|anchors/[a-z0-9-]+-[0-9]+\.pem' |
  while read -r path; do printf '%s\n' "$path"; done > "$work/odd"
[ -s "$work/odd" ] && wrong "a bundle has no such tag file: $(head -n 1 "$work/odd")"
find . -type l -o ! -type f ! -type d | grep -q . && wrong 'a link or a special file lies in it'
find . -type f | cut -c 3- | sort > "$work/there"
{ cut -c 67- manifest-sha256.txt tagmanifest-sha256.txt; echo tagmanifest-sha256.txt; } | sort > "$work/named"
while read -r path; do wrong "not named by a manifest: $path"; done < <(comm -23 "$work/there" "$work/named")
while read -r path; do wrong "missing: $path"; done < <(comm -13 "$work/there" "$work/named")
for manifest in tagmanifest-sha256.txt manifest-sha256.txt; do
  sha256sum -c --strict --quiet "$manifest" >"$work/sums" 2>/dev/null || while read -r line; do wrong "altered: $line"; done < "$work/sums"
done
oxum=$(find data -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%d.%d", bytes, NR }')
grep -qxE 'Bagging-Date: [0-9]{4}-[0-9]{2}-[0-9]{2}' bag-info.txt 2>/dev/null &&
  sed 1d bag-info.txt | cmp -s - <(printf 'Bag-Software-Agent: dalil\nPayload-Oxum: %s\n' "$oxum") || wrong 'bag-info.txt speaks of other contents'

# --- The card: canonical, its key ids computed, and the keys for other tools the same.
card=data/case.json bundle_file=data/bundle.json
for file in "$card" "$bundle_file" data/checkpoint; do [ -f "$file" ] || stop "$file is missing"; done
jq --indent 2 '{format, id, recordKey: (.recordKey | {kty, crv, x, kid}), checkpointKey}' "$card" 2>/dev/null | cmp -s - "$card" || stop 'case.json is not in its one form'
id=$(jq -r .id "$card") x=$(jq -r .recordKey.x "$card") kid=$(jq -r .recordKey.kid "$card") vkey=$(jq -r .checkpointKey "$card")
printf '%s\n' "$id" | grep -qxE '[0-9a-f]{32}' && [ "$(jq -r .format "$card")" = dalil-case/1 ] || stop 'case.json is of no known format'
origin=dalil.invalid/$id
record_raw=$(printf %s "$x" | url_to_hex | cut -c 1-64)
key_text=${vkey#*+*+}
checkpoint_raw=$(printf %s "$key_text" | hex_of)
[ "$(printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" | sha256sum | cut -c 1-64 | hex_to_url)" = "$kid" ] || stop 'case.json: the id of the record key does not fit'
[ "$vkey" = "$origin+$(key_id "$origin" "$checkpoint_raw")+$key_text" ] && [ "${#checkpoint_raw}" = 66 ] && [ "${checkpoint_raw%"${checkpoint_raw#??}"}" = 01 ] ||
  stop 'case.json: the checkpoint key is none of this log'
[ -z "$trusted_key" ] || [ "$trusted_key" = "$vkey" ] || wrong 'the checkpoint key is not the one that you trust'
[ -n "$trusted_key" ] || note "believed, compare it: $vkey"
pem_of "$record_raw" > "$work/record.pem" && pem_of "${checkpoint_raw#??}" > "$work/checkpoint.pem" || stop 'case.json: a key is none'
printf '%s\n' "$vkey" | cmp -s - keys/checkpoint.vkey && cmp -s "$work/record.pem" keys/record.pem && cmp -s "$work/checkpoint.pem" keys/checkpoint.pem ||
  wrong 'the keys beside the payload are not those of case.json'
[ ! -e data/keys ] || stop 'the keys of the case were changed, which this script does not follow: use another checker'

# --- A checkpoint of this case: text, one signature line of ours that holds, lines of others let stand.
# open_checkpoint FILE: sets size and root (hex); false where it is not signed by the case.
open_checkpoint() {
  local note=$1 own
  sed '/^$/,$d' "$note" > "$work/text"
  [ "$(wc -l < "$work/text")" = 3 ] && [ "$(sed -n 1p "$work/text")" = "$origin" ] || return 1
  sed '1,/^$/d' "$note" | grep -qvE '^— [^ +]+ [A-Za-z0-9+/=]+$' && return 1
  [ -z "$(tail -c 1 "$note" | tr -d '\n')" ] || return 1
  own=$(sed '1,/^$/d' "$note" | grep -F -- "— $origin ")
  [ "$(printf '%s\n' "$own" | wc -l)" = 1 ] || return 1
  own=$(printf %s "${own##* }" | hex_of)
  [ "${#own}" = 136 ] && [ "${own%"${own#????????}"}" = "$(key_id "$origin" "$checkpoint_raw")" ] || return 1
  printf %s "${own#????????}" | unhex > "$work/signature"
  signed_by "$work/checkpoint.pem" "$work/text" "$work/signature" || return 1
  size=$(sed -n 2p "$work/text") root=$(sed -n 3p "$work/text" | hex_of)
  printf '%s\n' "$size" | grep -qxE '0|[1-9][0-9]{0,15}' && [ "${#root}" = 64 ]
}
open_checkpoint data/checkpoint || stop 'data/checkpoint is not signed by the key of the case'
head_size=$size head_root=$root
jq -c '{format, case, checkpoint: (.checkpoint | {size, root}), records, items: (.items | {disclosed, withheld}), files: (.files | {carried, withheld})}' "$bundle_file" 2>/dev/null |
  cmp -s - "$bundle_file" || stop 'bundle.json is not in its one form'
[ "$(jq -r '"\(.format) \(.case) \(.checkpoint.size)"' "$bundle_file")" = "dalil-bundle/1 $id $head_size" ] &&
  [ "$(jq -r .checkpoint.root "$bundle_file" | hex_of)" = "$head_root" ] || wrong 'bundle.json speaks of another case or checkpoint'
jq -e --argjson size "$head_size" '.records as $r | ($r | length) > 0 and ($r == ($r | unique)) and $r[0] == 0 and $r[-1] < $size
  and all($r[]; type == "number" and . == floor and . >= 0)' "$bundle_file" >/dev/null || stop 'bundle.json: its records are not positions, rising, from 0'

# --- Proofs (RFC 6962). walk_inclusion INDEX SIZE LEAF < hashes, hex: the root that they lead to.
walk_inclusion() {
  local fn=$1 sn=$(($2 - 1)) hash=$3 step
  while read -r step; do
    [ "$sn" -gt 0 ] || return 1
    if [ $((fn & 1)) = 1 ] || [ "$fn" = "$sn" ]; then
      hash=$(node_hash "$step" "$hash")
      while [ $((fn & 1)) = 0 ] && [ "$fn" != 0 ]; do fn=$((fn >> 1)) sn=$((sn >> 1)); done
    else
      hash=$(node_hash "$hash" "$step")
    fi
    fn=$((fn >> 1)) sn=$((sn >> 1))
  done
  [ "$sn" = 0 ] && printf '%s\n' "$hash"
}
# leads SIZE ROOT: whether that checkpoint is a prefix of the bundle's, by data/checkpoints/SIZE.consistency.
leads() {
  local older=$1 root=$2 proof=data/checkpoints/$1.consistency fn=$(($1 - 1)) sn=$((head_size - 1)) fr sr step
  [ "$older" = "$head_size" ] && { [ "$root" = "$head_root" ]; return; }
  [ "$older" -gt 0 ] && [ "$older" -lt "$head_size" ] && [ -f "$proof" ] || return 1
  echo "$proof" >> "$work/expected"
  grep -qvE '^[A-Za-z0-9+/]{43}=$' "$proof" && return 1
  while read -r step; do printf %s "$step" | hex_of; done < "$proof" > "$work/steps"
  while [ $((fn & 1)) = 1 ]; do fn=$((fn >> 1)) sn=$((sn >> 1)); done
  if [ $((older & (older - 1))) = 0 ]; then fr=$root; else fr=$(sed -n 1p "$work/steps"); sed -i 1d "$work/steps"; fi
  sr=$fr
  while read -r step; do
    [ "$sn" -gt 0 ] || return 1
    if [ $((fn & 1)) = 1 ] || [ "$fn" = "$sn" ]; then
      fr=$(node_hash "$step" "$fr") sr=$(node_hash "$step" "$sr")
      while [ $((fn & 1)) = 0 ] && [ "$fn" != 0 ]; do fn=$((fn >> 1)) sn=$((sn >> 1)); done
    else
      sr=$(node_hash "$sr" "$step")
    fi
    fn=$((fn >> 1)) sn=$((sn >> 1))
  done < "$work/steps"
  [ "$sn" = 0 ] && [ "$fr" = "$root" ] && [ "$sr" = "$head_root" ]
}

# --- The records: signature, disclosures among its twelve digests, and its place under the checkpoint.
header=$(printf '{"alg":"EdDSA","kid":"%s","typ":"dalil+sd-jwt"}' "$kid" | basenc --base64url -w 0 | tr -d =)
mkdir "$work/entries"
: > "$work/disclosures"
while read -r position; do
  name=$(printf '%04d/%07d' $((position / 1000)) "$position")
  record=data/records/$name.sd-jwt proof=data/proofs/$name.tlog-proof beside=data/proofs/$name.spicy
  [ -f "$record" ] && [ -f "$proof" ] && [ -f "$beside" ] || { wrong "missing: record $position or a proof of it"; continue; }
  printf '%s\n' "$record" "$proof" "$beside" >> "$work/expected"
  grep -qxE '[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}(~[A-Za-z0-9_-]+)*~' "$record" && [ "$(tr -dc '\n' < "$record" | wc -c)" = 0 ] ||
    { wrong "record $position is no presentation"; continue; }
  entry=$(cut -d '~' -f 1 "$record")
  mkdir -p "$work/entries/${name%/*}"
  printf %s "$entry" > "$work/entries/$name"
  printf %s "${entry%.*}" > "$work/text"
  printf %s "${entry##*.}" | url_to_hex | unhex > "$work/signature"
  [ "${entry%%.*}" = "$header" ] && [ "$(wc -c < "$work/signature")" = 64 ] && signed_by "$work/record.pem" "$work/text" "$work/signature" ||
    { wrong "record $position is not signed by the key of the case"; continue; }
  payload=$(printf %s "$entry" | cut -d . -f 2 | url_to_hex | unhex)
  printf '%s\n' "$payload" | grep -qxE '\{"_sd":\["[A-Za-z0-9_-]{43}"(,"[A-Za-z0-9_-]{43}"){11}\],"_sd_alg":"sha-256"\}' || { wrong "record $position holds not twelve digests"; continue; }
  leaf=$( (printf '\0'; printf %s "$entry") | sha256sum | cut -c 1-64)
  leaf_id=$(printf %s "$leaf" | hex_to_url)
  cut -d '~' -f 2- "$record" | tr '~' '\n' | grep . > "$work/own"
  [ -z "$(sort "$work/own" | uniq -d)" ] || wrong "record $position: a disclosure is repeated"
  while read -r disclosure; do
    digest=$(printf %s "$disclosure" | openssl dgst -sha256 -binary | basenc --base64url -w 0 | tr -d =)
    case $payload in *"\"$digest\""*) printf '%s\t%s\t%s\n' "$position" "$leaf_id" "$disclosure" >> "$work/disclosures" ;;
      *) wrong "record $position: a disclosure is not among its digests" ;; esac
  done < "$work/own"
  sed 1d "$proof" | cmp -s - "$beside" && [ "$(sed -n 1p "$proof")" = c2sp.org/tlog-proof@v1 ] || wrong "record $position: its two proofs are not the same"
  [ "$(sed -n 2p "$proof")" = "index $position" ] && sed '1,/^$/d' "$proof" | cmp -s - data/checkpoint || { wrong "record $position: its proof is of another place or checkpoint"; continue; }
  if [ -n "$spicy" ]; then cp "$beside" "$work/entries/$name.spicy"; continue; fi
  sed '/^$/,$d' "$proof" | sed 1,2d > "$work/path"
  grep -qvE '^[A-Za-z0-9+/]{43}=$' "$work/path" && { wrong "record $position: its proof holds no hashes"; continue; }
  led=$(while read -r step; do printf %s "$step" | hex_of; done < "$work/path" | walk_inclusion "$position" "$head_size" "$leaf")
  [ "$led" = "$head_root" ] || wrong "record $position is not in the log at its place"
done < <(jq -r '.records[]' "$bundle_file")
if [ -n "$spicy" ]; then
  while read -r entry; do
    [ ! -f "$entry.spicy" ] || "$spicy" -verify "$vkey" "$entry" >/dev/null 2>&1 || wrong "record $((10#${entry##*/})) is not in the log at its place"
  done < <(find "$work/entries" -type f ! -name '*.spicy')
fi

# --- What the records say: one JSON object a record. A decoy, or a field twice, is no disclosure.
jq -R -n -c 'def open: gsub("-"; "+") | gsub("_"; "/") | . + (["", "===", "==", "="][length % 4]) | try (@base64d | fromjson) catch null;
  reduce (inputs | split("\t")) as $line ({}; .[$line[0]] += [{id: $line[1], said: ($line[2] | open)}])
  | to_entries | sort_by(.key | tonumber)[] | {position: (.key | tonumber), id: .value[0].id,
    sound: (all(.value[].said; type == "array" and length == 3 and (.[0] | type == "string" and test("^[A-Za-z0-9_-]{22}$")) and (.[1] | type == "string"))
      and ([.value[].said[1]] | length == (unique | length))),
    said: (if all(.value[].said; type == "array" and (.[1] | type == "string")) then ([.value[].said | {(.[1]): .[2]}] | add) else {} end)}' \
  "$work/disclosures" > "$work/records" || stop 'the disclosures cannot be read'
while read -r position; do wrong "record $position: a disclosure is none, or a field stands twice"; done < <(jq -r 'select(.sound | not) | .position' "$work/records")

# cited_path: where a cited file lies. A large `refs` lies in a file of its own.
files='def place: . as $f | ($f.sha256 | .[0:2] + "/" + .[2:4] + "/" + .) as $in
  | if $f.store == "case" then "case.json" elif $f.store == "blobs" then "records/blobs/sha256/" + $in else $f.store + "/sha256/" + $in end;
  def cited: (.said.files // {}) | if type == "object" then .[] else empty end
    | select(type == "object" and (.sha256 | type == "string" and test("^[0-9a-f]{64}$"))
      and (.store as $s | ["originals", "blobs", "derivatives", "vault", "case"] | index($s) != null));'
while read -r position path; do
  [ -f "data/$path" ] && jq -c --argjson at "$position" --slurpfile refs "data/$path" 'if .position == $at then .said.refs = $refs[0] else . end' "$work/records" > "$work/more" &&
    mv "$work/more" "$work/records"
done < <(jq -r "$files"' select(.said.refs == null) | .position as $p | .said.files["value:refs"]? | select(. != null) | "\($p) \(place)"' "$work/records")

# --- What must not be kept silent: the inventory, what it cites, and that the sums close.
jq -s -r --argjson size "$head_size" --slurpfile told "$bundle_file" '
  {"case.opened": ["files"], "report.inventory": ["items", "destroyed", "refs"], "seal.deaccession": ["reason", "count"],
   "intake.reconciliation": ["received", "sealed", "duplicate", "quarantined", "quarantinedBy", "refs"],
   "seal.authority": ["name", "policy", "files"], "seal.timestamp": ["authority", "checkpoint", "token", "refs", "files"],
   "seal.witness": ["name", "key"], "seal.cosignature": ["witness", "checkpoint", "time", "refs", "files"]} as $must
  | . as $all | def list: if . == null then [] elif type == "array" then . else [.] end;
  ($all[] | . as $r | (["kind"] + ($must[$r.said.kind // ""] // []))[] | select(. as $f | ($r.said | has($f) | not) or ($f == "refs" and $r.said.refs == null))
    | "record \($r.position) withholds \(.)"),
  ([$all[] | select(.said.kind == "report.inventory" and .position == $size - 1)] | if length == 0 then "the last record is no inventory: deletions could be hidden" else .[0] as $i
    | [$all[] | select(.said.kind == "intake.reconciliation")] as $sums | [$all[] | select(.said.kind == "seal.deaccession")] as $gone
    | ($i.said.refs.reconciliations | list) as $cites | ($i.said.refs.deaccessions | list) as $ends | ($i.said.refs.revocations | list) as $revoked
    | ([$all[] | select(.said.kind == "intake.item")] | length) as $items
    | (select($told[0].items.disclosed != $items or $told[0].items.disclosed + $told[0].items.withheld != $i.said.items) | "bundle.json counts other items than the inventory"),
      (select(($cites - [$sums[].id]) + ($ends - [$gone[].id]) + ($revoked - [$all[] | select(.said.kind == "seal.revocation") | .id]) != []) | "the inventory cites what is not disclosed"),
      (select(([$sums | group_by(.said.refs.accession)[] | max_by(.position).id] | sort) != ($cites | sort)) | "the inventory does not cite the newest reconciliation of each accession"),
      ($sums[] | select(.id as $id | $cites | index($id)) | .said | select(.received != .sealed + .duplicate + .quarantined or ([.quarantinedBy[]?] | add // 0) != .quarantined) | "a reconciliation does not close"),
      (select(([$sums[] | select(.id as $id | $cites | index($id)) | .said.sealed] | add // 0) > $i.said.items) | "more items were reconciled than the inventory counts"),
      (select([$gone[].id] - $ends != []) | "a deaccession is disclosed that the inventory does not cite"),
      (select(([$gone[] | select(.id as $id | $ends | index($id)) | {reason: .said.reason, n: .said.count}] | group_by(.reason) | map({(.[0].reason): (map(.n) | add)}) | add // {}) != ($i.said.destroyed // {}))
        | "the inventory counts other destructions than the deaccessions") end)' "$work/records" > "$work/silence" || stop 'the records cannot be judged'
while read -r line; do wrong "$line"; done < "$work/silence"

# --- What outsiders signed. Anchors are those of seal.authority, made to PEM and compared with anchors/.
blob() { jq -r "$files"' .said.files[$role] // empty | "data/" + place' --arg role "$2" <<< "$1"; }
: > "$work/anchor-files"
declare -A anchor_count=()
while read -r record; do
  name=$(jq -r .said.name <<< "$record")
  printf '%s\n' "$name" | grep -qxE '[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?' || continue
  while read -r path; do
    [ -f "$path" ] || continue
    { echo '-----BEGIN CERTIFICATE-----'; base64 -w 64 "$path"; echo '-----END CERTIFICATE-----'; } > "$work/anchor"
    grep -qsxF "$name $(sha256sum < "$work/anchor")" "$work/anchor-seen" && continue
    echo "$name $(sha256sum < "$work/anchor")" >> "$work/anchor-seen"
    anchor_count[$name]=$((${anchor_count[$name]:-0} + 1))
    echo "anchors/$name-${anchor_count[$name]}.pem" >> "$work/anchor-files"
    cmp -s "$work/anchor" "anchors/$name-${anchor_count[$name]}.pem" || wrong "anchors/$name-${anchor_count[$name]}.pem is not what the case trusts"
  done < <(jq -r "$files"' .said.files | to_entries[] | select(.key | startswith("anchor")) | "data/" + (.value | place)' <<< "$record")
done < <(jq -c 'select(.said.kind == "seal.authority")' "$work/records")
while read -r path; do wrong "no record speaks of $path"; done < <(comm -23 <(grep '^anchors/' "$work/there") <(sort "$work/anchor-files"))
tokens=0 cosigned=0
# cited_checkpoint RECORD: the checkpoint that an outsider signed is the case's, as the record says, and leads to the bundle's.
cited_checkpoint() {
  checkpoint=$(blob "$1" checkpoint)
  [ -f "$checkpoint" ] && open_checkpoint "$checkpoint" || return 1
  [ "$(jq -r '.said.checkpoint | "\(.size)"' <<< "$1")" = "$size" ] && [ "$(jq -r .said.checkpoint.root <<< "$1" | hex_of)" = "$root" ] &&
    [ "$size" -le "$(jq -r .position <<< "$1")" ] && leads "$size" "$root"
}
while read -r record; do
  at=$(jq -r .position <<< "$record")
  cited_checkpoint "$record" || { wrong "record $at: the checkpoint that was signed outside is not shown to be of this log"; continue; }
  if [ "$(jq -r .said.kind <<< "$record")" = seal.timestamp ]; then
    reply=$(blob "$record" reply)
    openssl ts -reply -in "$reply" -text > "$work/token" 2>/dev/null || { wrong "record $at: the reply cannot be read"; continue; }
    moment=$(date -u -d "$(sed -n 's/^Time stamp: //p' "$work/token")" +%s 2>/dev/null)
    [ "$moment" = "$(date -u -d "$(jq -r .said.token.genTime <<< "$record")" +%s)" ] || wrong "record $at gives another time than its token"
    [ "$(sed -n 's/^Nonce: 0x//p' "$work/token" | tr 'A-F' 'a-f' | sed 's/^0*//')" = "$(jq -r .said.token.nonce <<< "$record" | sed 's/^0*//')" ] || wrong "record $at: the token answers another request"
    authority=$(jq -c --arg id "$(jq -r .said.refs.authority <<< "$record")" 'select(.id == $id and .said.kind == "seal.authority")' "$work/records")
    [ -n "$authority" ] || { wrong "record $at cites no authority of the case"; continue; }
    policy=$(jq -r '.said.policy // empty' <<< "$authority")
    [ -z "$policy" ] || grep -qxF "Policy OID: $policy" "$work/token" || wrong "record $at: the token is under another policy"
    anchors=$trusted_anchors
    [ -n "$anchors" ] || { anchors=$work/anchors.pem; cat anchors/"$(jq -r .said.name <<< "$authority")"-[0-9]*.pem > "$anchors" 2>/dev/null; }
    openssl ts -verify -in "$reply" -data "$checkpoint" -CAfile "$anchors" -attime "${moment:-0}" >/dev/null 2>&1 || { wrong "record $at: the timestamp does not hold"; continue; }
    tokens=$((tokens + 1))
    echo "$size $(jq -r .said.token.genTime <<< "$record")" >> "$work/since"
  else
    witness=$(jq -c --arg id "$(jq -r .said.refs.witness <<< "$record")" 'select(.id == $id and .said.kind == "seal.witness")' "$work/records")
    key=$(jq -r '.said.key // empty' <<< "${witness:-null}")
    raw=$(printf %s "${key#*+*+}" | hex_of) cosigner=${key%%+*}
    line=$(cat "$(blob "$record" cosignature)" 2>/dev/null)
    given=$(printf %s "${line##* }" | hex_of)
    moment=$((16#$(printf %s "$given" | cut -c 9-24 | grep -E '^0[0-9a-f]{15}$' || echo 0)))
    { printf 'cosignature/v1\ntime %s\n' "$moment"; sed '/^$/,$d' "$checkpoint"; } > "$work/text"
    printf %s "$given" | cut -c 25- | unhex > "$work/signature"
    pem_of "${raw#??}" > "$work/witness.pem"
    [ "$line" = "— $cosigner ${line##* }" ] && [ "${#given}" = 152 ] && [ "${raw%"${raw#??}"}" = 04 ] &&
      [ "$(printf %s "$given" | cut -c 1-8)" = "$(key_id "$cosigner" "$raw")" ] && signed_by "$work/witness.pem" "$work/text" "$work/signature" &&
      [ "$moment" = "$(date -u -d "$(jq -r .said.time <<< "$record")" +%s)" ] || { wrong "record $at: the cosignature does not hold"; continue; }
    cosigned=$((cosigned + 1))
  fi
done < <(jq -c 'select(.said.kind == "seal.timestamp" or .said.kind == "seal.cosignature")' "$work/records")

# --- The dossier cites records of the bundle, and checkpoints that lead to its own.
if [ -f data/dossier/dossier.json ]; then
  citations='def cites: if type == "object" and (.cites | type) == "array" then .cites[] | cites else . end; [.. | objects | .cites? | arrays | .[] | cites]'
  whole=$([ "$(jq '.records | length' "$bundle_file")" = "$head_size" ] && echo true || echo false)
  jq -s -r --argjson whole "$whole" --slurpfile records <(jq -c .id "$work/records") "(.[0] | $citations)"' | map(select(.id? != null)) | .[].id | select($whole and (. as $id | $records | index($id) | not))' data/dossier/dossier.json |
    grep -q . && wrong 'the dossier cites a record that is not in the bundle'
  while read -r older at; do leads "$older" "$(printf %s "$at" | hex_of)" || wrong "the dossier cites checkpoint $older, which is not shown to lead to the bundle's"; done \
    < <(jq -r "$citations"' | map(select(.root? != null and .checkpoint? != null) | "\(.checkpoint) \(.root)") | unique[]' data/dossier/dossier.json)
fi

# --- Every file of the payload is a page, a proof or a record, or cited with its hash; the card is the one that record 0 seals.
printf '%s\n' "$card" "$bundle_file" data/checkpoint data/ro-crate-metadata.json data/case-uco.jsonld >> "$work/expected"
sort -u "$work/expected" > "$work/pages"
jq -r "$files"' cited | "\(.sha256)  data/\(place)"' "$work/records" | sort -u > "$work/cited"
derived=$(jq -r "$files"' cited | select(.store == "derivatives") | .sha256' "$work/records" | sort -u)
carried=0
while read -r hash path; do
  case $path in
    data/dossier/*) grep -qxF "$hash" <<< "$derived" || wrong "no record seals $path" ;;
    data/vault/*) wrong "what is in the vault does not leave: $path" ;;
    *) if grep -qxF "$hash  $path" "$work/cited"; then carried=$((carried + 1)); else wrong "no record speaks of $path with these bytes"; fi ;;
  esac
done < <(sort -k 2 manifest-sha256.txt | join -1 2 -2 1 -v 1 -o 1.1,1.2 - "$work/pages")
grep -qxF "$(sha256sum < "$card" | cut -c 1-64)  $card" "$work/cited" || wrong 'the first record seals another card'
withheld=$(($(grep -vc "  $card\$" "$work/cited") - carried))
[ "$(jq -r '"\(.files.carried) \(.files.withheld)"' "$bundle_file")" = "$carried $withheld" ] || wrong 'bundle.json counts other files than are carried and withheld'

note "$(jq '.records | length' "$bundle_file") of $head_size records, $(jq .items.withheld "$bundle_file") items withheld, $tokens timestamps, $cosigned cosignatures"
[ ! -s "$work/since" ] || note "the first $(sort -n "$work/since" | tail -n 1 | sed 's/ / records: unchanged since /'); this does not show where, when or by whom the pictures were taken"
note 'not judged here: VERIFY.txt, allowed_signers, receipts of custody, descriptions for other tools, revocation, verify.html and verify.mjs'
verdict
