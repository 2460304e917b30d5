//! A member of the mesh.
