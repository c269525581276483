import ConnectorTesting
import Foundation

@testable import ConnectorDisk

/// A `qemu-nbd` over an image, for tests.
final class NBDServer {
  let uri: String
  private let process = Process()

  init(_ image: String, format: String, readOnly: Bool = true, shared: Int = 8, socket: String) throws {
    uri = "nbd+unix:///disk0?socket=\(socket)"
    let number = socket + ".pid"
    // One that was killed before has left it.
    unlink(number)
    process.executableURL = URL(filePath: "/usr/bin/qemu-nbd")
    process.arguments =
      [
        "--format=\(format)", "--shared=\(shared)", "--persistent", "--socket=\(socket)", "--export-name=disk0",
        "--pid-file=\(number)",
      ]
      + (readOnly ? ["--read-only"] : ["--discard=unmap"]) + [image]
    // A reader of this program's own output would wait for a server that outlives it.
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try process.waitForNumber(in: number)
  }

  func stop() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitForEnd()
  }

  deinit { stop() }
}

/// A folder that is gone after the test.
final class Scratch {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "disk-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Runs a tool and gives what it prints.
  @discardableResult
  func run(_ tool: String, _ arguments: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/" + tool)
    process.arguments = arguments
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let status = process.waitForEnd()
    let text = String(decoding: data, as: UTF8.self)
    guard status == 0 else {
      let call = ([tool] + arguments).joined(separator: " ")
      throw ToolFailure(tool: "\(call)\n\(text)", status: status)
    }
    return text
  }

  /// A qcow2 with data in several places; every cluster of it has other bytes.
  func image(_ name: String = "disk.qcow2", size: String = "256M") throws -> String {
    let path = file(name)
    try run("qemu-img", "create", "-q", "-f", "qcow2", path, size)
    try run(
      "qemu-io", "-f", "qcow2", "-c", "write -P 17 0 1M", "-c", "write -P 34 1M 70k", "-c", "write -P 51 40M 9M",
      "-c", "write -z 44M 1M", "-c", "write -P 68 130003k 5k", "-c", "write -P 85 255M 1M", path)
    return path
  }

  func sameContent(_ one: String, _ format: String, _ other: String, _ otherFormat: String) throws -> Bool {
    try run("qemu-img", "compare", "-f", format, "-F", otherFormat, one, other).contains("Images are identical")
  }
}

struct ToolFailure: Error {
  var tool: String
  var status: Int32
}
