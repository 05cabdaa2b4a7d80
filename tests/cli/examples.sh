#!/usr/bin/env bash
# What must be there before a command's examples can be tried, and how: examples.sh COMMAND EXAMPLE
# Run in an empty directory by examples_test.cpp. An example that needs more gets a line here.
set -eu
command=$1 example=$2

mkdir bin usb home
export HOME=$PWD/home PATH=$PWD/bin:$PATH
chmod 700 usb
printf '#!/bin/sh\ncat >/dev/null\n' >bin/ssh && chmod +x bin/ssh

if [[ $command != init ]]; then
  T=$(caplet token create -n ci 2>/dev/null)
  export T
  echo "$T" >token.txt
  cp token.txt tokens.txt
  caplet audit export --out log.jsonl 2>/dev/null
  caplet audit checkpoint >checkpoint.txt 2>/dev/null
  KEY=$(caplet audit checkpoint -o json 2>/dev/null | jq -r .key)
  export KEY
fi

example=${example//\/media\/usb/$PWD/usb}
case $example in
  *'audit verify --export'*) mv log.jsonl audit.jsonl ;;
  *'audit export'*'--after 1000'*) example=${example/1000/1} ;;
  *'audit list --follow'*) example="timeout 1 $example || [[ \$? == 124 ]]" ;;
  'caplet init --passphrase') example="$example --passphrase-file pass" && echo 'a long passphrase' >pass ;;
  'caplet store key add --passphrase') example='caplet store key add --new-passphrase-file pass' && echo 'a long passphrase' >pass ;;
  'caplet store key remove'*)
    caplet store key add --key-file "$PWD/usb/caplet.key" >/dev/null
    example="caplet store key remove $(caplet store key list -o json | jq -r '.[1].id')"
    ;;
  'caplet login'* | *'caplet whoami'* | 'caplet logout'*)
    unset CAPLET_TOKEN
    [[ $example == *PROFILE=ci* ]] && caplet login --token - --profile ci <token.txt >/dev/null 2>&1
    [[ $example == 'caplet login'* || $example == *PROFILE* ]] || caplet login --token - <token.txt >/dev/null 2>&1
    ;;
  'caplet run'* | 'caplet function'* | 'caplet deploy'* | *'git diff | caplet run'*)
    for name in deploy echo review; do
      printf '#!/bin/sh\ncat\n' >$name.sh && chmod +x $name.sh
      [[ $example == *'create deploy'* && $example != *--replace* ]] || [[ $example == *"--name $name"* ]] ||
        caplet function create $name ./$name.sh >/dev/null
    done
    touch release.tar
    example=${example//git diff/echo diff} example=${example//\/srv\/app/$PWD}
    [[ $example == *'> deploy.sh' ]] && example=${example/deploy.sh/shown.sh}
    ;;
  'caplet exec'*)
    printf '#!/bin/sh\ntrue\n' >report.sh && chmod +x report.sh && printf 'release:\n\t@true\n' >Makefile
    ;;
  *'create -n ci' | *'create -n ci '*) caplet token delete ci >/dev/null ;;
  *'create --from'*) echo '{"name": "seat-1", "scopes": ["captcha:solve"]}' >seats.jsonl ;;
  *'caplet doctor'*) example="$example || [[ \$? == 1 ]]" ;; # it may find something on this machine
  *'caplet scan'*)
    rm token.txt tokens.txt # a token in a file is what it is there to find
    mkdir scanned && cd scanned && git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
    printf '#!/bin/sh\ncat /dev/null\n' >"$OLDPWD/bin/kubectl" && chmod +x "$OLDPWD/bin/kubectl"
    ;;
  *'store rekey --key-file'*) caplet store key add --key-file "$PWD/usb/caplet.key" >/dev/null ;;
  *'store restore'*)
    caplet store backup ~/caplet-2026-11-23.db 2>/dev/null
    [[ $example == *--replace* ]] || rm ~/.local/share/caplet/store.db
    ;;
  *'rotate ci --abort'*) caplet token rotate ci --grace 1h >/dev/null 2>&1 ;;
  'caplet unlock'*) example="$example || [[ \$? == 6 ]]" ;; # where there is no keyring
esac
eval "$example"
