//! Runs audits and owns the store: the API under window, terminal and tests.
