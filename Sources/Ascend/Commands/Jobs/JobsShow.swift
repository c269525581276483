import ArgumentParser
import ConnectorProtocol
import Restore
import Support

struct JobsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One job: its state, its steps and its log.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  struct Output: Encodable {
    var job: RestoreJob
    var interrupted: Bool
    var steps: [RestoreStep]
    var resources: [LedgerRecord]
    var events: [EventRecord]
    /// What the machine's disks and network interfaces are attached by now.
    var hardware: MachineHardware?
  }

  func run() throws {
    let engine = try options.engine()
    let job = try engine.store.job(job)
    let output = Output(
      job: job, interrupted: engine.isInterrupted(job), steps: try engine.store.steps(of: job.id),
      resources: try engine.store.ledger(of: job.id), events: try engine.store.events(of: job.id),
      hardware: job.presentHardware)
    guard !options.json else { return try Console.json(output) }
    Console.out(try JobReport(job: job, store: engine.store).text)
    if output.interrupted {
      Console.out("  The process that drove it is gone; go on with `ascend jobs retry \(job.id)`")
    }
    Console.out("  log")
    for event in output.events where options.verbose || event.level != .debug {
      Console.out("    \(Timestamp.text(event.at)) \(event.level.rawValue) \(event.kind): \(event.message)")
    }
  }
}
