//! Facts about the machine; what it does not tell is unknown and no failure.

use std::io::{self, Read};
use std::path::Path;

/// Gives the machine's memory.
pub(crate) fn memory_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Gives the free space of the file system that holds `folder`.
#[cfg(unix)]
pub(super) fn disk_free_bytes(folder: &Path) -> Option<u64> {
    let path = c_path(folder)?;
    let mut facts = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: `path` ends in a zero byte and `facts` has room for what the call writes.
    let status = unsafe { libc::statvfs(path.as_ptr(), facts.as_mut_ptr()) };
    // SAFETY: zeroed bytes are a valid statvfs, whatever the call did.
    let facts = unsafe { facts.assume_init() };
    // The fields' widths differ by platform.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "u32 on some platforms")]
    (status == 0).then(|| (facts.f_bavail as u64).saturating_mul(facts.f_frsize as u64))
}

/// Says whether this process may write to a file or into a folder.
#[cfg(unix)]
pub(super) fn is_writable(path: &Path) -> bool {
    // SAFETY: the path ends in a zero byte.
    c_path(path).is_some_and(|path| unsafe { libc::access(path.as_ptr(), libc::W_OK) } == 0)
}

#[cfg(unix)]
fn c_path(path: &Path) -> Option<std::ffi::CString> {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::CString::new(path.as_os_str().as_bytes()).ok()
}

/// Gives nothing where the system is not asked.
#[cfg(not(unix))]
pub(super) fn disk_free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Goes by the read-only mark alone.
#[cfg(not(unix))]
pub(super) fn is_writable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| !data.permissions().readonly())
}

/// Says whether a file begins with `magic`. An empty file counts: SQLite takes it for a new database.
pub(super) fn begins_with(path: &Path, magic: &[u8]) -> io::Result<bool> {
    let mut first = Vec::new();
    let length = u64::try_from(magic.len()).unwrap_or(u64::MAX);
    std::fs::File::open(path)?.take(length).read_to_end(&mut first)?;
    Ok(first.is_empty() || first == magic)
}
