//! Behaviours under a clock that tests move.
