import Foundation
import Synchronization

/// Collects the log, which must always be read: a full pipe would stop the connector.
final class HarnessLog: Sendable {
  private let data = Mutex(Data())

  init(descriptor: Int32) {
    Thread.detachNewThread { [weak self] in
      var buffer = [UInt8](repeating: 0, count: 64 * 1024)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { break }
        self?.data.withLock { $0.append(contentsOf: buffer[..<count]) }
      }
      close(descriptor)
    }
  }

  var text: String { data.withLock { String(decoding: $0, as: UTF8.self) } }
}
