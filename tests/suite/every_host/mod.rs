//! What every host must do.

mod window_f;
