//! Ends a process with its whole group.

/// Kills (SIGKILL) the process group that `pid` leads; says nothing when it is gone.
///
/// The process must have been started by [`super::Sandbox::command`], which makes it the leader of a group of its own.
pub fn kill_group(pid: u32) {
    #[cfg(unix)]
    if let Ok(pid) = libc::pid_t::try_from(pid)
        // Groups 0 and 1 would be ourselves and everybody.
        && pid > 1
    {
        // SAFETY: kill(2) takes two numbers and touches no memory of ours.
        unsafe {
            libc::kill(-pid, libc::SIGKILL);
        }
    }
    #[cfg(not(unix))]
    let _ = pid;
}
