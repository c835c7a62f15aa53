module parkour/bench

go 1.22
