# The arrays of an experiment that its sessions have recorded: job, first share, chunk. They
# are numbers, or not ours: shells reckon with them.
.sessions[] | select(.slurm_array) |
[(.slurm_array | tostring | sub("_.*"; "")), .slurm_first, .slurm_chunk | tostring] |
select(all(.[]; test("\\A(0|[1-9][0-9]{0,14})\\z")) and .[2] != "0") | @tsv
