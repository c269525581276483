import ConnectorProtocol
import Foundation

/// A conversation with a running QEMU by its machine protocol: one JSON object a line, events between the answers.
///
/// Blocking; used off the cooperative threads. Not shared between threads.
final class QMP {
  /// Longer answers are not expected from the commands that are used here.
  static let longestAnswer = 1 << 20

  private let socket: Descriptor
  private var received = Data()

  struct Refusal: Error, CustomStringConvertible {
    var command: String
    var description: String
  }

  /// Connects to the machine in `folder`. QEMU serves one client at a time: another one waits for its turn.
  init(_ folder: MachineFolder, seconds: Double = 10) throws {
    socket = try UnixSocket.connect(MachineFolder.qmpSocketName, in: folder.path)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try next(until: deadline)["QMP"] == nil {}
    _ = try execute("qmp_capabilities", seconds: seconds)
  }

  /// The command's result.
  func execute(
    _ command: String, _ arguments: [String: JSONValue] = [:], seconds: Double = 20
  ) throws -> JSONValue {
    var message: [String: JSONValue] = ["execute": .string(command)]
    if !arguments.isEmpty { message["arguments"] = .object(arguments) }
    try socket.write(try CanonicalJSON.encode(JSONValue.object(message)) + Data("\n".utf8))
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      let answer = try next(until: deadline)
      if let result = answer["return"] { return result }
      if let error = answer["error"] {
        throw Refusal(command: command, description: error["desc"]?.stringValue ?? "QEMU gave no reason")
      }
    }
  }

  private func next(until deadline: ContinuousClock.Instant) throws -> JSONValue {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = received[..<end]
        received = Data(received[received.index(after: end)...])
        if line.allSatisfy({ $0 == UInt8(ascii: "\r") }) { continue }
        return try JSONDecoder().decode(JSONValue.self, from: line)
      }
      guard received.count < Self.longestAnswer else { throw SystemError("read", "QMP", number: EMSGSIZE) }
      try receive(until: deadline)
    }
  }

  private func receive(until deadline: ContinuousClock.Instant) throws {
    let left = ContinuousClock.now.duration(to: deadline)
    let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { throw SystemError("read", "QMP", number: ETIMEDOUT) }
    var ready = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    let count = poll(&ready, 1, Int32(clamping: milliseconds))
    if count == 0 { throw SystemError("read", "QMP", number: ETIMEDOUT) }
    if count < 0 {
      if errno == EINTR { return }
      throw SystemError("poll", "QMP")
    }
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    let got = recv(socket.number, &buffer, buffer.count, 0)
    if got < 0 && errno == EINTR { return }
    guard got > 0 else { throw SystemError("read", "QMP", number: got == 0 ? ECONNRESET : errno) }
    received.append(contentsOf: buffer[..<got])
  }
}
