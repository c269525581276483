import ConnectorProtocol
import Foundation

/// Reads what a connector sends, until its end.
struct HarnessReader {
  var descriptor: Int32
  var mailbox: HarnessMailbox
  var writer: LineWriter
  var acknowledges: Bool

  func run() {
    var splitter = LineSplitter(limit: 64 << 20)
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return mailbox.end() }
      buffer.withUnsafeBytes { bytes in
        splitter.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { _, event in
          if case .line(let line) = event { take(line) }
        }
      }
    }
  }

  private func take(_ line: Data) {
    guard let envelope = try? JSONDecoder().decode(Envelope.self, from: line) else {
      // A line that is no message must fail a test, and not pass unseen.
      return mailbox.put(
        Envelope(id: nil, error: ConnectorError(.parseError, "not a message: \(String(decoding: line, as: UTF8.self))"))
      )
    }
    mailbox.put(envelope)
    if acknowledges, envelope.method == LedgerNotification.method, let seq = envelope.params?["seq"]?.integerValue,
      let line = try? CanonicalJSON.encode(Envelope(method: AckNotification.method, params: ["seq": .integer(seq)]))
    {
      writer.write(line)
    }
  }
}
