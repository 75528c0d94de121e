//! Gives up, before anything of a stranger's is read, what the engine never needs: so whoever should take it over has
//! little to go on with.
//!
//! No new privileges and no other program (`execve`), no core dump with keys in it, files for our user alone, and none of the
//! system calls that serve to get out: tracing, mounting, namespaces, kernel modules, BPF, `io_uring`, keys, other users.
//! What is refused is answered EPERM, not with death: a library that asks in vain goes on. What the system does not let us
//! give up is told, and the engine runs all the same.
//!
//! Sources: `prctl(2)`, `seccomp(2)`, `capabilities(7)`; the kernel's `Documentation/userspace-api/seccomp_filter.rst`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustix::fs::Mode;
use rustix::process::{set_dumpable_behavior, setrlimit, umask, DumpableBehavior, Resource, Rlimit};
use rustix::thread::{capabilities, set_capabilities, set_no_new_privs, CapabilitySet, CapabilitySets};
use seccompiler::{
    apply_filter, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Families of sockets that are of no use to us: raw packets, the kernel's own cryptography, and other machines' buses.
const FAMILIES: [i32; 8] = [
    libc::AF_PACKET,
    libc::AF_ALG,
    libc::AF_VSOCK,
    libc::AF_KEY,
    libc::AF_XDP,
    libc::AF_TIPC,
    libc::AF_CAN,
    libc::AF_BLUETOOTH,
];

/// System calls that we never make.
const NEVER: [libc::c_long; 62] = [
    // Other programs, and looking into them.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    // File systems and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_mknodat,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    // The kernel itself.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_syslog,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_personality,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_vhangup,
    // Clock and name of the machine.
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    // Other users.
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setgroups,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_capset,
];

/// System calls of x86-64 have a second number each, for programs with short pointers (x32).
const SECOND_NUMBER: i64 = if cfg!(target_arch = "x86_64") {
    0x4000_0000
} else {
    0
};

/// Give up what can be given up, for good. To be called before the first thread is started.
///
/// Args: `used`: what we read and write of the file system; `dumpable`: whether debuggers and measuring tools may look in.
/// Gives what was given up, in words for the readiness line.
pub fn confine(used: &[PathBuf], dumpable: bool) -> Vec<&'static str> {
    umask(Mode::RWXG | Mode::RWXO);
    let no_core = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let undumpable = || {
        if dumpable {
            return Ok(());
        }
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        setrlimit(Resource::Core, no_core)
    };
    [
        ("undumpable", undumpable().map_err(|why| why.to_string())),
        (
            "capabilities",
            drop_capabilities(used).map_err(|why| why.to_string()),
        ),
        (
            "no-new-privileges",
            set_no_new_privs(true).map_err(|why| why.to_string()),
        ),
        ("system-calls", forbid_calls()),
    ]
    .into_iter()
    .filter_map(|(word, outcome)| match outcome {
        Ok(()) => Some(word),
        Err(why) => {
            tracing::warn!(what = word, %why, "the system does not let us give this up");
            None
        }
    })
    .collect()
}

/// Keep of root's powers what the engine uses: low ports, and threads that mix before other programs. Whose files are
/// another user's (a folder, a key that is renewed by a program of its own) keeps the power to read and write them, too.
fn drop_capabilities(used: &[PathBuf]) -> rustix::io::Result<()> {
    let held = capabilities(None)?;
    let mut kept = CapabilitySet::NET_BIND_SERVICE | CapabilitySet::SYS_NICE;
    let user = rustix::process::geteuid().as_raw();
    let strange = |one: &PathBuf| rustix::fs::stat(one).is_ok_and(|found| found.st_uid != user);
    if used.iter().any(strange) {
        kept |= CapabilitySet::DAC_OVERRIDE;
    }
    let sets = CapabilitySets {
        effective: held.effective & kept,
        permitted: held.permitted & kept,
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, sets)
}

/// Let the kernel refuse what is never needed, to this thread and those that it starts.
fn forbid_calls() -> Result<(), String> {
    let families = FAMILIES.into_iter().map(|family| {
        let is_it = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, family as u64);
        is_it.and_then(|condition| SeccompRule::new(vec![condition]))
    });
    let families: Vec<_> = families
        .collect::<Result<_, _>>()
        .map_err(|why| why.to_string())?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for number in [0, SECOND_NUMBER] {
        rules.extend(NEVER.into_iter().map(|call| (call + number, Vec::new())));
        rules.insert(libc::SYS_socket + number, families.clone());
    }
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let architecture = std::env::consts::ARCH
        .try_into()
        .map_err(|_| "no filter for this processor".to_owned())?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture);
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .map_err(|why| why.to_string())?;
    apply_filter(&program).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::process::Command;

    use super::*;

    /// Do something in a thread that is thrown away, for what it gives up is gone for good.
    fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        std::thread::spawn(work).join().expect("it does not panic")
    }

    #[test]
    fn who_is_confined_starts_no_program() {
        assert!(Command::new("true").status().is_ok_and(|status| status.success()));
        let refused = apart(|| {
            forbid_calls().expect("this system has seccomp");
            Command::new("true").status().map_err(|why| why.kind())
        });
        assert_eq!(refused.err(), Some(ErrorKind::PermissionDenied));
        assert!(
            Command::new("true").status().is_ok(),
            "another thread is not confined"
        );
    }

    #[test]
    fn sockets_files_and_names_go_on_working() {
        let worked = apart(|| {
            forbid_calls().expect("this system has seccomp");
            let socket = std::net::UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
            let names = std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 80));
            let file = std::env::temp_dir().join(format!("confined-{}", std::process::id()));
            let written = std::fs::write(&file, "x").and(std::fs::remove_file(&file));
            socket.is_ok() && names.is_ok_and(|mut found| found.next().is_some()) && written.is_ok()
        });
        assert!(worked);
    }

    #[test]
    fn of_roots_powers_few_are_left() {
        let left = apart(|| {
            drop_capabilities(&[std::env::temp_dir()]).expect("powers can always be given up");
            capabilities(None).expect("they can be read")
        });
        let most = CapabilitySet::NET_BIND_SERVICE | CapabilitySet::SYS_NICE | CapabilitySet::DAC_OVERRIDE;
        assert!(most.contains(left.permitted) && most.contains(left.effective));
    }
}
