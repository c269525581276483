import Foundation

/// Cuts a stream of bytes into lines at 0x0A and at nothing else: U+2028 and its like are ordinary text in JSON.
///
/// It never holds more than the limit and one read: a longer line is reported once and its rest skipped.
struct LineSplitter {
  enum Event: Equatable {
    case line(Data)
    /// The line was longer than the limit; what follows its newline is read again.
    case tooLong
  }

  /// Longest line, its newline not counted.
  var limit: Int
  private var pending = Data()
  private var skipping = false

  init(limit: Int) {
    self.limit = limit
  }

  /// What lines `bytes` complete; `limit` is asked for anew at each of them, because a line may change it.
  mutating func feed(_ bytes: UnsafeRawBufferPointer, _ handle: (inout LineSplitter, Event) -> Void) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let newline = rest.firstIndex(of: 0x0A)
      let part = UnsafeRawBufferPointer(rebasing: rest[..<(newline ?? rest.endIndex)])
      rest = newline.map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
      if !skipping {
        if pending.count + part.count > limit {
          pending = Data()
          skipping = true
          handle(&self, .tooLong)
        } else {
          pending.append(contentsOf: part)
        }
      }
      guard newline != nil else { return }
      if skipping {
        skipping = false
      } else {
        let line = pending
        pending = Data()
        handle(&self, .line(line))
      }
    }
  }
}
