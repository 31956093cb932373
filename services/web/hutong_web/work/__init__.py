"""The pages where people work: desk, department, grid."""
