//! What control reaches the world through, and the processes it runs in.

pub(super) mod commands;
pub(super) mod controller;
pub(super) mod imperfect;
pub(super) mod interface;
pub(super) mod ports;
