import ArgumentParser
import Foundation
import Support

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "A real machine, restored and booted, on this computer.",
    discussion: "Everything it makes lies in $ASCEND_DEMO_DIR; see its first lines.")

  @Flag(help: "Leave the restored machine switched on.")
  var keepRunning = false

  func run() throws {
    let script = Installation.demoScript
    guard FileManager.default.isExecutableFile(atPath: script) else {
      throw AscendError(
        "demo.missing", "The demonstration is not part of this installation", object: script,
        remedy: "Use the tree that `make build` or `make install` makes")
    }
    setenv("ASCEND_BIN", Installation.root + "/bin/ascend", 1)
    let arguments = [script] + (keepRunning ? ["--keep-running"] : [])
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    execv(script, &pointers)
    throw AscendError.system("demo.failed", "The demonstration cannot be started", object: script, errno: errno)
  }
}
