import ConnectorKit
import ConnectorProtocol
import Foundation

/// The target's configuration, read from the `connection` of a request.
struct Settings: ConnectorSettings, Hashable, Sendable {
  /// As it was given: absolute. Nil: below the host's state folder.
  var folder: String?
  var accelerator: Accelerator.Choice = .auto
  var memoryLimit: Int64?

  /// Below this no guest starts.
  static let leastMemory: Int64 = 16 << 20

  /// What is wrong with it goes to `report`; the rest is read.
  init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
    guard let members = connection.objectValue else {
      if connection != .null { report(Self.problem("", "The configuration is no object.")) }
      return
    }
    for (name, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      switch name {
      case "folder": readFolder(value, report)
      case "accel": readAccelerator(value, report)
      case "memoryLimit": readMemoryLimit(value, report)
      default: report(Self.unknown(name))
      }
    }
  }

  private mutating func readFolder(_ value: JSONValue, _ report: (Diagnostic) -> Void) {
    guard let text = value.stringValue, text.hasPrefix("/") else {
      return report(
        Self.problem("folder", "The folder is no absolute path.", action: "Write a path that starts with '/'."))
    }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }), text.utf8.count <= 3000 else {
      return report(
        Self.problem("folder", "The folder's path holds control characters or is too long.", action: "Choose another.")
      )
    }
    folder = text
  }

  private mutating func readAccelerator(_ value: JSONValue, _ report: (Diagnostic) -> Void) {
    guard let choice = value.stringValue.flatMap(Accelerator.Choice.init(rawValue:)) else {
      let known = Accelerator.Choice.allCases.map(\.rawValue).joined(separator: ", ")
      return report(
        Self.problem("accel", "The acceleration is none that is known.", action: "Choose one of \(known)."))
    }
    accelerator = choice
  }

  private mutating func readMemoryLimit(_ value: JSONValue, _ report: (Diagnostic) -> Void) {
    guard let bytes = value.integerValue ?? value.stringValue.flatMap(ByteSize.parse), bytes >= Self.leastMemory else {
      return report(
        Self.problem(
          "memoryLimit", "The memory limit is no size of at least \(ByteSize.text(Self.leastMemory)).",
          action: "Write bytes, or a size like 2GiB."))
    }
    memoryLimit = bytes
  }

  /// Where the machines lie.
  func machinesFolder(state: String?) throws -> String {
    if let folder { return folder }
    guard let state, state.hasPrefix("/") else {
      throw ConnectorError(
        .configInvalid, "The configuration names no folder for the machines, and the host gave no state folder.",
        remedy: "Set the target's `folder` to an absolute path.", outcome: .none,
        diagnostics: [Self.problem("folder", "A folder is needed.")])
    }
    return state + "/machines"
  }
}
