[ "$OS" = Windows_NT ] && exit 0
ls -Lnd -- "$@" 2>/dev/null | while read -r mode _ user group _; do
  users=" 0 $(id -u) $WFG_TRUST_OWNER "
  case $users in *" $user "*) ;; *) exit 1 ;; esac
  case $mode in d????????[tT]*) continue ;; ????????w*) exit 1 ;; ?????w*) ;; *) continue ;; esac
  case $users in *" $group "*) ;; *) exit 1 ;; esac
done
