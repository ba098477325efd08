load helper
