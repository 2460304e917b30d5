//! Tests of the whole house, one binary.

mod tidy;
