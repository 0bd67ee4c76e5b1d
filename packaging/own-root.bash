# To be sourced first by a script that runs container tools as root: they
# remount "/", which in a chroot is no mount point. There the script starts
# again in a mount namespace of its own, in which it is one.
if ((EUID == 0)) && [[ -z ${NCLI_OWN_ROOT-} ]] && ! mountpoint -q / &&
  unshare --mount --propagation unchanged true 2>/dev/null; then
  export NCLI_OWN_ROOT=1
  # shellcheck disable=SC2016
  exec unshare --mount --propagation unchanged bash -c \
    'mount --rbind --make-private / /mnt && exec chroot /mnt bash "$@"' \
    "$0" "$(readlink -f "$0")" "$@"
fi
