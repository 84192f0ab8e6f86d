#!/bin/sh
# Restores a repository from a backup storage with nothing but age, zstd, git and a POSIX shell.
#
#   restore-by-hand.sh IDENTITY STORAGE                                  lists the repositories
#   restore-by-hand.sh IDENTITY STORAGE SERVER/REPO TARGET [SNAPSHOT]    restores one into the new folder TARGET
#
# IDENTITY is a file with the agent's key or the recovery key (AGE-SECRET-KEY-1...), STORAGE the folder with gitprotect.json,
# SERVER/REPO as the list shows it, SNAPSHOT a number as in the folder "snapshots"; without it the last one is restored.
# The result is a bare repository: "git clone TARGET". The format is described in format.md.
set -eu
LC_ALL=C
GIT_CONFIG_NOSYSTEM=1
GIT_CONFIG_GLOBAL=/dev/null
# An object stands for itself, whatever refs/replace/ of the backed up repository say.
GIT_NO_REPLACE_OBJECTS=1
export LC_ALL GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_NO_REPLACE_OBJECTS
umask 077

die() {
  echo "restore-by-hand: $*" >&2
  exit 1
}

case $# in 2 | 4 | 5) ;; *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;; esac
for tool in age zstd git awk; do
  command -v "$tool" >/dev/null || die "$tool is not installed"
done
identity=$1
storage=$2
[ -r "$identity" ] || die "the identity file $identity cannot be read"
[ -f "$storage/gitprotect.json" ] || die "$storage has no gitprotect.json: it is not a storage"
grep -q '"format": 1,' "$storage/gitprotect.json" || die "$storage has another format than 1: use the script of that release"

# open_record FILE OUT: a manifest as JSON. Two steps, because a pipe hides the first one's failure.
open_record() {
  age -d -i "$identity" -o "$2.zst" "$1" || die "$1 cannot be opened with this identity, or is damaged"
  zstd -q -d -f -o "$2" "$2.zst" || die "$1 is damaged"
  rm "$2.zst"
}

# Manifests have every item of a list on a line of its own, so that lines are all that has to be read. Names of refs that are no
# UTF-8 have their odd bytes written as \udc80 to \udcff.
unescape='
function byte(hex) { return 16 * (index("0123456789abcdef", substr(hex, 1, 1)) - 1) + index("0123456789abcdef", substr(hex, 2, 1)) - 1 }
function unescape(text,   plain, at) {
  while ((at = index(text, "\\")) > 0) {
    plain = plain substr(text, 1, at - 1)
    if (substr(text, at + 1, 3) == "udc") { plain = plain sprintf("%c", byte(substr(text, at + 4, 2))); text = substr(text, at + 6) }
    else { plain = plain substr(text, at + 1, 1); text = substr(text, at + 2) }
  }
  return plain text
}'

# value INDENT KEY FILE: the value behind a key, without its quotes.
value() {
  awk -v start="$1\"$2\": " "$unescape"'
    index($0, start) == 1 { text = substr($0, length(start) + 1); sub(/,$/, "", text); gsub(/^"|"$/, "", text); print unescape(text); exit }' "$3"
}

# items INDENT KEY FILE: the items of a list, one a line.
items() {
  awk -v start="$1\"$2\": [" -v end="$1]" "$unescape"'
    $0 == start { on = 1; next }
    index($0, end) == 1 { on = 0 }
    on { sub(/^ *"/, ""); sub(/",?$/, ""); print unescape($0) }' "$3"
}

# Snapshots are numbered, and the shell sorts names: the last one is the newest.
newest() {
  last=
  for record in "$1"/snapshots/*.json.zst.age; do [ -f "$record" ] && last=${record##*/}; done
  echo "${last%.json.zst.age}"
}

if [ $# -eq 2 ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  for folder in "$storage"/servers/*/repos/*; do
    id=$(newest "$folder")
    [ -n "$id" ] || continue
    open_record "$folder/snapshots/$id.json.zst.age" "$work/record"
    server=${folder#"$storage"/servers/}
    echo "${server%%/*}/${folder##*/}  $(value '  ' projectKey "$work/record")/$(value '  ' slug "$work/record")  snapshot $id of $(value ' ' takenAt "$work/record")"
  done
  exit
fi

folder=$storage/servers/${3%/*}/repos/${3##*/}
target=$4
[ -d "$folder" ] || die "$3 is not in $storage: call the script without it for the list"
[ ! -e "$target" ] || die "$target is there already: name a new folder"
id=${5:-$(newest "$folder")}
[ -f "$folder/snapshots/$id.json.zst.age" ] || die "$3 has no snapshot $id"

work=$(mktemp -d "$target.restoring-XXXXXX")
trap 'rm -rf "$work"' EXIT
open_record "$folder/snapshots/$id.json.zst.age" "$work/record"

repo=$work/repo.git
git init -q --bare --template= --object-format="$(value ' ' objectFormat "$work/record")" "$repo"

# whole HASH OBJECT: whether an object is there as it was written.
whole() {
  [ -f "$storage/$2" ] && { ! command -v sha256sum >/dev/null || [ "$(sha256sum <"$storage/$2")" = "$1  -" ]; }
}

# read_chain FOLDER RECORD: adds the bundles of a snapshot of the repository in FOLDER to those to be read, in order.
read_chain() {
  awk '/^   "object": "/ { gsub(/^   "object": "|",?$/, ""); object = $0 }
    /^   "sha256": "/ && object != "" { gsub(/^   "sha256": "|",?$/, ""); print $0, object; object = "" }' "$2" >"$work/chain"

  # Bundles that were merged: a record says which object stands for which. Nobody knows here who wrote it, so it is looked at only where a
  # bundle that the snapshot names is gone or damaged. One that is not there, or damaged, is left out, and what it was merged from is read if
  # that is still there.
  gone=
  while read -r hash object; do
    if [ ! -d "$1/merges" ] || whole "$hash" "$object"; then echo "$hash $object 1"; else echo "$hash $object 0" && gone=1; fi
  done <"$work/chain" >"$work/links"
  : >"$work/merges"
  for record in "$1"/merges/*.json.zst.age; do
    [ -n "$gone" ] && [ -f "$record" ] || continue
    if ! (open_record "$record" "$work/merge"); then
      echo "restore-by-hand: going on without it" >&2
      continue
    fi
    [ "$(value ' ' of "$work/merge")" = bundles ] || continue
    awk '/^  "object": "/ || /^   "object": "/ { gsub(/^ *"object": "|",?$/, ""); object = $0 }
      /^  "sha256": "/ || /^   "sha256": "/ { gsub(/^ *"sha256": "|",?$/, ""); hash = $0 }
      /^   "first": / { gsub(/[^0-9]/, ""); first = $0 }
      /^   "last": / { gsub(/[^0-9]/, ""); last = $0 }
      /^ },?$/ && object != "" && !done { print "result 0 0", hash, object; done = 1 }
      /^  },?$/ && done { print "part", first, last, hash, object }' "$work/merge" >"$work/merge-lines"
    while read -r kind first last hash object; do
      there=0
      if [ -f "$storage/$object" ]; then
        there=1
        if [ "$kind" = result ] && ! whole "$hash" "$object"; then
          echo "restore-by-hand: $object is damaged; reading what it was merged from" >&2
          there=0
        fi
      fi
      echo "$kind $first $last $hash $object $there" >>"$work/merges"
    done <"$work/merge-lines"
  done
  # What the snapshot itself says of an object comes before what a record says of it.
  awk -v links="$work/links" '
    function line(m, object) { return (object in pinned ? pinned[object] : hash[m, object]) " " object "\n" }
    function is_there(m, object) { return object in pinned ? whole[object] : there[m, object] }
    function in_place(m, upto,   lines, position, far, p, one, pick) {
      if (is_there(m, result[m])) { return line(m, result[m]) }
      for (position = 1; position <= upto; position = far + 1) {
        far = 0
        for (p = 1; p <= parts[m]; p++) {
          one = part[m, p]
          if (first[m, one] == position && is_there(m, one) && last[m, one] > far) { far = last[m, one]; pick = one }
        }
        if (!far) { return "" }
        lines = lines line(m, pick)
      }
      return lines
    }
    FILENAME == links { chain[++count] = $2; pinned[$2] = $1; whole[$2] = $3; next }
    $1 == "result" { merges++; result[merges] = $5; first[merges, $5] = 1 }
    $1 == "part" { first[merges, $5] = $2; last[merges, $5] = $3; part[merges, ++parts[merges]] = $5 }
    {
      if ($3 > length_of[merges]) { length_of[merges] = $3 }
      last[merges, result[merges]] = length_of[merges]; hash[merges, $5] = $4; there[merges, $5] = $6
    }
    END {
      for (at = 1; at <= count; at += taken) {
        taken = 1; lines = pinned[chain[at]] " " chain[at] "\n"
        for (m = 1; m <= merges; m++) {
          upto = 0; gone = 0
          for (to = at; to <= count && (m, chain[to]) in first && first[m, chain[to]] == upto + 1; to++) {
            upto = last[m, chain[to]]
            if (!whole[chain[to]]) { gone = 1 }
          }
          if (gone && (upto == length_of[m] || to > count) && to - at >= taken && (other = in_place(m, upto)) != "") { lines = other; taken = to - at }
        }
        printf "%s", lines
      }
    }' "$work/links" "$work/merges" >>"$work/objects"
}

# leans_on KEY: where a fork's record leans on one of the repository it comes from, what it says of that.
leans_on() {
  awk -v start="  \"$1\": " '/^ "leansOn": \{$/ { on = 1 }
    on && index($0, start) == 1 { text = substr($0, length(start) + 1); gsub(/^"|"?,?$/, "", text); print text; exit }' "$work/record"
}

: >"$work/objects"
origin=$(leans_on repoId)
if [ -n "$origin" ]; then
  # The bundles of that one come first.
  under=$storage/servers/${3%/*}/repos/$origin/snapshots/$(leans_on id).json.zst.age
  [ -f "$under" ] || die "$under, which snapshot $id leans on, is missing"
  if command -v sha256sum >/dev/null; then
    [ "$(sha256sum <"$under")" = "$(leans_on sha256)  -" ] || die "$under, which snapshot $id leans on, is damaged"
  fi
  open_record "$under" "$work/under"
  read_chain "${under%/snapshots/*}" "$work/under"
fi
read_chain "$folder" "$work/record"

# index BUNDLE: what follows the first empty line of a bundle is a pack.
index() {
  tail -c "+$(($(sed '/^$/q' "$1" | wc -c) + 1))" "$1" >"$work/pack"
  # Git refuses a pack of no objects; one needs none.
  if [ "$(od -An -tx1 -j8 -N4 "$work/pack" | tr -d ' ')" != 00000000 ]; then
    git --git-dir="$repo" index-pack --stdin --fix-thin <"$work/pack" >/dev/null || die "git cannot read the pack in $object"
  fi
}

while read -r hash object; do
  [ -f "$storage/$object" ] || die "$object is missing"
  whole "$hash" "$object" || die "$object is damaged"
  age -d -i "$identity" -o "$work/bundle" "$storage/$object" || die "$object cannot be opened with this identity, or is damaged"
  if [ "$(head -n 1 "$work/bundle" | tr -d '\0')" = '# gitprotect bundles' ]; then
    # Bundles in a row, each behind a line with its bytes and its number of objects.
    at=22
    end=$(wc -c <"$work/bundle")
    while [ "$at" -le "$end" ]; do
      line=$(tail -c "+$at" "$work/bundle" | head -n 1)
      at=$((at + ${#line} + 1))
      tail -c "+$at" "$work/bundle" | head -c "${line%% *}" >"$work/one"
      at=$((at + ${line%% *}))
      index "$work/one"
    done
  else
    index "$work/bundle"
  fi
  rm -f "$work/bundle" "$work/pack" "$work/one"
done <"$work/objects"

# The refs: this record's own list, put over that of the record it is a difference from.
items '  ' set "$work/record" >"$work/set"
items '  ' gone "$work/record" >"$work/gone"
: >"$work/base"
base=$(awk '/^  "base": \{$/ { on = 1 } on && /^   "id": "/ { gsub(/^   "id": "|",?$/, ""); print; exit }' "$work/record")
if [ -n "$base" ]; then
  [ -f "$folder/snapshots/$base.json.zst.age" ] || die "snapshot $base, which $id needs, is missing"
  open_record "$folder/snapshots/$base.json.zst.age" "$work/base-record"
  items '  ' set "$work/base-record" >"$work/base"
fi
awk -v gone="$work/gone" -v set="$work/set" '
  FILENAME == gone { drop[$1]; next }
  FILENAME == set { drop[$2]; print; next }
  !($2 in drop)' "$work/gone" "$work/set" "$work/base" | sort >"$work/refs"
if command -v sha256sum >/dev/null; then
  [ "$(sha256sum <"$work/refs")" = "$(value '  ' hash "$work/record")  -" ] || die "the refs of snapshot $id are not those that were recorded"
fi
cut -d' ' -f1,2 "$work/refs" >"$repo/packed-refs"

head=$(value '  ' symbolic "$work/record")
if [ -n "$head" ]; then
  printf 'ref: %s\n' "$head" >"$repo/HEAD"
else
  head=$(value '  ' oid "$work/record")
  [ -z "$head" ] || printf '%s\n' "$head" >"$repo/HEAD"
fi
items ' ' shallow "$work/record" >"$work/shallow"
[ ! -s "$work/shallow" ] || mv "$work/shallow" "$repo/shallow"

# What a fork leans on holds objects of the other repository, which are not for everybody who may see the fork.
if [ -n "$origin" ]; then
  git --git-dir="$repo" rev-list --objects --missing=allow-any --all >"$work/reached" || die "git cannot walk the history"
  kept=$(cut -d' ' -f1 "$work/reached" | git --git-dir="$repo" pack-objects -q --delta-base-offset "$repo/objects/pack/pack")
  for pack in "$repo"/objects/pack/*; do
    case $pack in *"/pack-$kept."*) ;; *) rm -f "$pack" ;; esac
  done
fi

# 1: objects written in an old-fashioned way; 8: a ref that names what git would not let it. Both are as on the server.
found=0
git --git-dir="$repo" fsck --connectivity-only --no-dangling --no-progress || found=$?
[ $((found & ~9)) -eq 0 ] ||
  echo "restore-by-hand: objects are missing; \"lost\" in the record says which were lost on the server already" >&2
mv "$repo" "$target"
echo "snapshot $id of $3: $(wc -l <"$work/refs" | tr -d ' ') refs in $target"
