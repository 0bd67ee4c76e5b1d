# Bash completion of ncli, also when it is called nitro-cli.

# Puts the words of "$1" that go on from $cur into COMPREPLY.
_ncli_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# The paths that go on from $cur; with "$1" = -d directories only.
_ncli_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "${1:--f}" -- "$cur")
}

# An image: a transport, or a path behind one. Where ':' cuts words, the
# transport is a word of its own and $cur begins behind it.
_ncli_image() {
  local transports='docker-archive: oci-archive: oci: dir:' transport
  if [[ $1 == ':' ]]; then
    _ncli_paths
    return
  fi
  for transport in $transports; do
    [[ $cur == "$transport"* ]] || continue
    mapfile -t COMPREPLY < <(
      compgen -P "$transport" -f -- "${cur#"$transport"}")
    return
  done
  _ncli_paths
  local paths=("${COMPREPLY[@]}")
  _ncli_words "$transports"
  if ((${#COMPREPLY[@]} != 0)); then
    compopt +o filenames -o nospace 2>/dev/null
  fi
  COMPREPLY+=("${paths[@]}")
}

# The values of option "$1"; fails when it takes none that are known.
_ncli_value() {
  case $1 in
    --docker-uri) _ncli_image "$2" ;;
    --docker-dir | --blobs-path) _ncli_paths -d ;;
    --output-file | --kernel | --kernel-config | --cmdline | --init | \
      --metadata | --eif-path | --expect-pcrs | --input | \
      --signing-certificate) _ncli_paths ;;
    --nsm)
      _ncli_paths
      [[ none != "$cur"* ]] || COMPREPLY+=(none)
      ;;
    --platform) _ncli_words 'linux/amd64 linux/arm64' ;;
    --command) _ncli_words 'nitro docker' ;;
    --error-code)
      _ncli_words "$(printf 'E%02d ' {0..60})"
      ;;
    --name | --build-time | --max-size) COMPREPLY=() ;;
    --version) [[ $subcommand == build-enclave ]] || return 1 ;;
    *) return 1 ;;
  esac
}

# The options of subcommand "$1".
_ncli_options() {
  case $1 in
    build-enclave)
      _ncli_words '--docker-uri --docker-dir --output-file --platform
        --blobs-path --kernel --kernel-config --cmdline --init --nsm --name
        --version --metadata --build-time --command --max-size --help'
      ;;
    describe-eif)
      _ncli_words '--eif-path --verbose --strict --expect-pcrs --help' ;;
    pcr) _ncli_words '--input --signing-certificate --help' ;;
    explain) _ncli_words '--error-code --help' ;;
  esac
}

_ncli() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=$((COMP_CWORD - 1))
  local subcommands='build-enclave describe-eif pcr explain'
  local subcommand=${COMP_WORDS[1]}
  COMPREPLY=()

  if ((COMP_CWORD == 1)); then
    _ncli_words "$subcommands help --help --version"
    return
  fi
  if [[ $subcommand == help ]]; then
    ((COMP_CWORD > 2)) || _ncli_words "$subcommands"
    return
  fi

  # ':' and '=' are words of their own where they cut words. The option is in
  # front of them: --docker-uri = oci : PATH.
  if [[ $cur == [:=] ]]; then
    cur=
    before=$COMP_CWORD
  fi
  local separator=${COMP_WORDS[before]}
  while [[ ${COMP_WORDS[before]} == ':' ]] && ((before > 3)); do
    ((before -= 2))
  done
  if [[ ${COMP_WORDS[before]} == '=' ]]; then
    ((before -= 1))
  fi
  _ncli_value "${COMP_WORDS[before]}" "$separator" ||
    _ncli_options "$subcommand"
}

complete -F _ncli ncli nitro-cli
