import Foundation

/// A machine's own folder, and the names of what lies in it.
struct MachineFolder: Hashable, Sendable {
  /// Absolute, without symbolic links.
  let path: String

  var mark: String { file("ascend.json") }
  var domain: String { file("machine.xml") }
  var run: String { file("run") }
  /// The start script as it was before the machine's hardware was changed the last time.
  var runBefore: String { file("run.before") }
  var serialLog: String { file("serial.log") }
  var firmwareLog: String { file("firmware.log") }
  var pidFile: String { file("qemu.pid") }
  var qmpSocket: String { file(Self.qmpSocketName) }
  var firmwareVariables: String { file(Self.variablesName) }
  /// What is known of disks on their way: gone after `job/commit`.
  var transfers: String { file(".transfer") }

  static let qmpSocketName = "qmp.sock"
  static let variablesName = "uefi-vars.fd"

  func file(_ name: String) -> String { path + "/" + name }
}
