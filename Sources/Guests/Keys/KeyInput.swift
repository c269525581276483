public import Support
import Synchronization

/// What comes on standard input, which can be read once and is asked for by each step that opens the disks.
public final class KeyInput: Sendable {
  private let source: @Sendable () throws(AscendError) -> [UInt8]
  private let known = Mutex<[UInt8]?>(nil)

  /// - Parameter source: Called once, at the first question; it may wait for somebody to type.
  public init(_ source: @escaping @Sendable () throws(AscendError) -> [UInt8]) { self.source = source }

  func bytes() throws(AscendError) -> [UInt8] {
    // A second asker waits for the first one's answer instead of asking again.
    try known.withLock { known throws(AscendError) in
      if let known { return known }
      let bytes = try source()
      known = bytes
      return bytes
    }
  }
}
