import ArgumentParser
import Guests
import Restore
import Support

struct BackupsFirstStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "first-start", abstract: "What a restored guest did at its first start: its log and its steps.",
    discussion: """
      Read from a backup of the restored machine, or from its disks once it is switched off (`ascend backups add DISK`), \
      without changing anything. In the running guest the same is in /var/lib/ascend/first-boot/log, or in \
      %SystemRoot%\\Ascend\\firstboot.log. Of a guest on encrypted disks it is read with their key.

      Exit code 1 where steps were given up.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The backup's id, name or path; with @POINT, one of its restore points.")
  var backup: String

  @OptionGroup var keys: KeyOptionGroup

  func run() async throws {
    let engine = try options.engineWithKeys()
    let found = try await engine.planning.firstStart(
      of: engine.store.backup(backup), keys: keys.references() ?? []
    ) {
      if Console.isInteractive { Console.note($0) }
    }
    guard let found else {
      throw AscendError(
        "guest.noFirstStart", "The guest was given nothing to do at its first start", object: backup,
        remedy: "Name a backup that was taken, or disks that were kept, after the machine was restored")
    }
    if options.json { try Console.json(found) } else { Console.out(Self.text(found)) }
    if !found.failed.isEmpty { throw ExitCode(ExitStatus.failed) }
  }

  private static func text(_ log: FirstStartLog) -> String {
    func row(_ name: String, _ steps: [String]) -> [String] {
      steps.isEmpty ? [] : ["\(name)  \(steps.joined(separator: ", "))"]
    }
    let steps = row("done   ", log.done) + row("failed ", log.failed) + row("pending", log.pending)
    let head = steps + ["log      \(log.path)", ""]
    return (head + [log.text.isEmpty ? "(the guest has not started since)" : log.text]).joined(separator: "\n")
  }
}
