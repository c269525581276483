import ArgumentParser
import Planning
import Restore
import Support

struct JobsPromote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Move a restored machine from emulated hardware to faster, or back.",
    discussion: """
      For a machine that was restored with `--hardware safe`, once its guest runs: without options it gets the \
      controller and network interface that the plan named. The machine is switched off for it, and on again where it \
      ran before; then it is looked at as after a restore. The job stays completed. The connector must be able to, and \
      the guest must be known to have the drivers.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The job's id, or the end or start of it.")
  var job: String

  @Option(help: "The controller for the disks: an id or bus of the platform's.")
  var controller: String?

  @Option(help: "The model of the network interfaces.")
  var nic: String?

  @Flag(help: "Return to what the machine was made with.")
  var back = false

  @Flag(help: "Leave the machine switched off.")
  var noStart = false

  func validate() throws {
    guard !back || (controller == nil && nic == nil) else {
      throw ValidationError("--back goes without --controller and --nic: it returns to what the machine was made with")
    }
  }

  func run() async throws {
    let engine = try options.engine()
    let id = try engine.store.job(job).id
    let line = ProgressLine(verbose: options.verbose)
    let wish = PromotionWish(controller: controller, nicModel: nic, back: back)
    let report: PromotionReport
    do { report = try await engine.promote(id, wish, start: !noStart, observer: line) } catch {
      line.finish()
      throw error
    }
    line.finish()
    if options.json { try Console.json(report) } else { Console.out(report.text) }
  }
}
