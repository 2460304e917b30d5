//! An audit -> JSON, CSV, HTML with SVG charts. Returns bytes, opens no file, asks no clock.
