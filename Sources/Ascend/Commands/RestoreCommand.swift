import ArgumentParser
import Planning
import Restore
import Support

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Restore a backup on a target.",
    discussion: """
      The backup is never written to. When the restore fails, what it made on the target is removed again; \
      --keep-on-failure leaves it for `ascend jobs retry`.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var restore: RestoreOptionGroup

  @Option(help: "The target's name.")
  var to: String

  @Flag(help: "Do not switch the machine on.")
  var noStart = false

  @Flag(help: "Boot the prepared guest on the target's hardware before anything is sent; stop if it does not start.")
  var bootProof = false

  @Flag(help: "Only plan.")
  var dryRun = false

  @Flag(help: "Leave what was made when the restore fails.")
  var keepOnFailure = false

  @Option(
    help: """
      What is proven of the disks' content: streamed (what arrives is digested on its way, and compared with the catalog \
      where it can be), full (every side reads the disk again, the connector what it has written), none.
      """)
  var verifyDisks: DiskVerification = .streamed

  @Option(help: "Bytes that the transfers may read in a second (50MiB); changed later with `ascend jobs limit`.")
  var bandwidth: BandwidthArgument?

  @Option(help: "Connections that each transfer may read over at once.")
  var connections: CountArgument?

  func run() async throws {
    let engine = try options.engineWithKeys()
    let backup = try engine.store.backup(restore.backup)
    let target = try engine.store.target(to)
    var wish = try restore.options(options, start: !noStart, keepOnFailure: keepOnFailure, bootProof: bootProof)
    wish.verifyDisks = verifyDisks
    if dryRun {
      let plan = try await engine.planning.plan(backup: backup, target: target, options: wish) { _ in }
      try PlanCommand.show(plan, json: options.json)
      if plan.isBlocked { throw ExitCode(ExitStatus.blocked) }
      return
    }
    let limits = JobLimits(bytesPerSecond: bandwidth?.bytesPerSecond, connections: connections?.count)
    let job = try engine.submit(backup: backup, target: target, options: wish, limits: limits)
    Console.note("Job \(job.id): \(backup.label) to \(target.name) (\(target.platform))")
    try await JobDriver(engine: engine, options: options).drive(job.id)
  }
}

/// Drives a job from the terminal: the progress line, the report, and what to do when it fails.
struct JobDriver {
  let engine: RestoreEngine
  let options: GlobalOptions

  func drive(_ id: String) async throws {
    let line = ProgressLine(verbose: options.verbose)
    do {
      let job = try await engine.run(id, observer: line)
      line.finish()
      let report = try JobReport(job: job, store: engine.store)
      if options.json { try Console.json(report) } else { Console.out(report.text) }
    } catch let error as AscendError {
      line.finish()
      if error.code != "plan.blocked" { Console.note("See the job's log with `ascend jobs show \(id)`") }
      throw error
    }
  }
}
