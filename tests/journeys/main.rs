//! What a citizen lives through, across the building blocks.
