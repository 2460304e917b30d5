//! Tests of the whole house, one binary.

mod captures;
mod tidy;
