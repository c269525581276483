/// Reads qemu-img's progress, `    (12.34/100%)\r`, as it arrives.
struct ProgressMeter {
  private var number: [UInt8]?
  private var last = -1.0

  /// The newest share in `piece`, 0 to 1, or nil where it says nothing new.
  mutating func take(_ piece: [UInt8]) -> Double? {
    var newest: Double?
    for byte in piece {
      switch byte {
      case UInt8(ascii: "("): number = []
      case UInt8(ascii: "/"):
        if let number, let percent = Double(String(decoding: number, as: UTF8.self)), percent.isFinite {
          newest = min(1, max(0, percent / 100))
        }
        number = nil
      default:
        guard let count = number?.count else { continue }
        if count < 16 { number?.append(byte) } else { number = nil }
      }
    }
    guard let newest, newest > last else { return nil }
    last = newest
    return newest
  }
}
