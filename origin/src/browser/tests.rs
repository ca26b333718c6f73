//! Real Chromium, tiny local pages.
