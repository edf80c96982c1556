//! What a process has once of llama.cpp: its backend and its log.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::{LlamaBackendDevice, list_llama_ggml_backend_devices};

/// One load at a time, so that the last error in the log belongs to it.
static LOAD: Mutex<()> = Mutex::new(());
static LAST_ERROR: Mutex<String> = Mutex::new(String::new());
const LONGEST_ERROR: usize = 400;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the backend; it lives until the process ends, as models need it to.
pub(super) fn backend() -> Result<&'static LlamaBackend, String> {
    static BACKEND: OnceLock<Result<LlamaBackend, String>> = OnceLock::new();
    let start = || {
        // SAFETY: the callback is a plain function that lives for ever and uses no user data.
        unsafe { llama_cpp_sys_2::llama_log_set(Some(keep_log), std::ptr::null_mut()) };
        LlamaBackend::init().map_err(|error| format!("llama.cpp does not start: {error}"))
    };
    BACKEND.get_or_init(start).as_ref().map_err(Clone::clone)
}

/// Loads weights; the error is the reason that llama.cpp's log gives.
pub(super) fn load(path: &std::path::Path, params: &LlamaModelParams) -> Result<LlamaModel, String> {
    let backend = backend()?;
    let _one_at_a_time = lock(&LOAD);
    lock(&LAST_ERROR).clear();
    LlamaModel::load_from_file(backend, path, params).map_err(|error| {
        let logged = std::mem::take(&mut *lock(&LAST_ERROR));
        if logged.is_empty() { error.to_string() } else { format!("llama.cpp refuses it: {logged}") }
    })
}

/// Keeps llama.cpp's log off the terminal: errors are kept for the caller, the rest goes to tracing.
unsafe extern "C" fn keep_log(level: llama_cpp_sys_2::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if text.is_null() {
        return;
    }
    // SAFETY: llama.cpp hands over a text that ends in zero and lives for this call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let line = text.trim();
    if level == llama_cpp_sys_2::GGML_LOG_LEVEL_ERROR && !line.is_empty() {
        let mut last = lock(&LAST_ERROR);
        // The first error names the cause, later ones only say that loading failed.
        if last.is_empty() {
            *last = line.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect();
        }
    }
    tracing::trace!(target: "llama.cpp", "{line}");
}

/// Says what llama.cpp was built for: the CPU features it uses and the back ends it holds.
#[must_use]
pub fn system_info() -> String {
    if let Err(error) = backend() {
        return error;
    }
    // SAFETY: the function takes nothing and gives a text in static memory that ends in zero.
    let text = unsafe { CStr::from_ptr(llama_cpp_sys_2::llama_print_system_info()) };
    text.to_string_lossy().trim().to_owned()
}

/// Names the devices that llama.cpp can compute on, with their memory.
#[must_use]
pub fn devices() -> Vec<String> {
    if backend().is_err() {
        return Vec::new();
    }
    let name = |device: LlamaBackendDevice| {
        let total = device.memory_total >> 20;
        format!("{}: {}, {total} MiB", device.name, device.description.trim())
    };
    list_llama_ggml_backend_devices().into_iter().map(name).collect()
}
