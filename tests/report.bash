# A sweep to report, for the tests of sweep-report and of its page.
pages=$top/report

# A finished sweep: one run fails, and metrics have spellings that jq would change.
sweep() {
	printf 'lr: 0\nseed: 0\n' >configs/base.yaml
	cat >train <<'END'
#!/bin/sh
case $RUN_ID in
run_000) metrics='{"acc": 0.10, "loss": 2.50, "big": 12345678901234567890}' ;;
run_001) metrics='{"acc": 0.80, "loss": 1e-3, "big": 7}' ;;
run_002) printf 'one\ntwo <b>three</b>\nno GPU today\n'; exit 3 ;;
run_003) metrics='{"acc": 0.7500, "loss": 0.50, "big": -0.50}' ;;
esac
mkdir -p "runs/$RUN_ID"
echo "$metrics" >"runs/$RUN_ID/metrics.json"
echo "trained $RUN_ID"
END
	chmod +x train
	cat >specs/s.yaml <<-'END'
		# which <rate> is best?
		name: s
		mode: training
		base_config: configs/base.yaml
		sweep: {lr: [0.10, 0.20, 0.30, 0.40]}
		command: [./train, --config, "{config}", --say, "it's {lr}"]
		run_dir: runs
	END
	expect 1 driver run-experiment --exp specs/s.yaml -q
	dir=$(echo experiments/s_*)
}

report() {
	expect 0 driver sweep-report "$@"
}
