import ConnectorProtocol
import Foundation
import Support

/// A conversation with QEMU by its machine protocol (QMP): one JSON object a line, events between the answers.
///
/// Never blocks.
final class MonitorPipe {
  /// Longer lines are not expected of the commands that are used here.
  private static let longestLine = 1 << 20

  private let pipes: PipePair
  private var received: [UInt8] = []
  private var commandCount: Int64 = 0
  /// Events that came since they were last taken, by name.
  private(set) var events: [(name: String, data: JSONValue)] = []

  /// Makes the pipes, to be opened by QEMU as `path`.
  init(path: String) throws(AscendError) {
    pipes = try PipePair(path: path)
  }

  func takeEvents() throws(AscendError) -> [(name: String, data: JSONValue)] {
    while let message = try nextMessage() { note(message) }
    defer { events = [] }
    return events
  }

  /// The command's result; nil where QEMU refuses or does not answer in `seconds`.
  func execute(
    _ command: String, _ arguments: [String: JSONValue] = [:], seconds: Double = 30
  ) async throws(AscendError) -> JSONValue? {
    // An answer that comes late must not be taken for the next one's.
    commandCount += 1
    let id = JSONValue.integer(commandCount)
    var message: [String: JSONValue] = ["execute": .string(command), "id": id]
    if !arguments.isEmpty { message["arguments"] = .object(arguments) }
    guard let line = try? CanonicalJSON.encode(JSONValue.object(message)) else { return nil }
    guard pipes.send([UInt8](line) + [0x0a]) else { return nil }
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      while let answer = try nextMessage() {
        guard answer["id"] == id else {
          note(answer)
          continue
        }
        return answer["return"]
      }
      do { try await Task.sleep(for: .milliseconds(20)) } catch {
        throw AscendError("cancelled", "Cancelled while a guest was booted")
      }
    }
    return nil
  }

  private func note(_ message: JSONValue) {
    guard let name = message["event"]?.stringValue, events.count < 1000 else { return }
    events.append((name, message["data"] ?? [:]))
  }

  private func nextMessage() throws(AscendError) -> JSONValue? {
    while true {
      if let end = received.firstIndex(of: 0x0a) {
        let line = received[..<end]
        received.removeSubrange(...end)
        if let message = try? JSONDecoder().decode(JSONValue.self, from: Data(line)) { return message }
        continue
      }
      guard received.count < Self.longestLine else {
        throw AscendError("boot.monitor", "QEMU's monitor sent a line that has no end")
      }
      let bytes = pipes.receive()
      guard !bytes.isEmpty else { return nil }
      received += bytes
    }
  }
}
