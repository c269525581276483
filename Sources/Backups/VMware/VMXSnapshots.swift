import Foundation
import Support

/// The snapshots that a `.vmsd` lists: what each was called, when it was taken, and the disks as they were then.
struct VMXSnapshots {
  struct Snapshot {
    var uid: String
    var name: String?
    var takenAt: Date?
    var parent: String?
    /// The disks' places, `scsi0:0`, and their files: what was written afterwards went to others.
    var disks: [(node: String, file: String)]
  }

  static let most = 256
  private static let mostDisks = 64

  /// Oldest first, as they stand in the file.
  private(set) var snapshots: [Snapshot] = []
  private(set) var findings: [String] = []

  init(_ file: VMXFile) {
    let count = min(Self.most, max(0, file.number("snapshot.numSnapshots") ?? 0))
    var seen: Set<String> = []
    for index in 0..<count {
      let key = "snapshot\(index)"
      guard let uid = file["\(key).uid"], uid.utf8.count <= 20, uid.allSatisfy(\.isNumber), seen.insert(uid).inserted
      else {
        findings.append("The list of snapshots is not whole: number \(index) has no identifier of its own")
        continue
      }
      let disks = (0..<min(Self.mostDisks, max(0, file.number("\(key).numDisks") ?? 0))).compactMap {
        number -> (node: String, file: String)? in
        guard let node = file["\(key).disk\(number).node"], let name = file["\(key).disk\(number).fileName"] else {
          return nil
        }
        return (node.lowercased(), name)
      }
      snapshots.append(
        Snapshot(
          uid: uid, name: file["\(key).displayName"], takenAt: Self.date(file, key), parent: file["\(key).parent"],
          disks: disks))
    }
  }

  /// Microseconds since 1970, in two signed halves of 32 bits.
  private static func date(_ file: VMXFile, _ key: String) -> Date? {
    guard let high = file.number("\(key).createTimeHigh"), let low = file.number("\(key).createTimeLow"),
      let upper = Int32(exactly: high),
      let lower = UInt32(exactly: low) ?? Int32(exactly: low).map(UInt32.init(bitPattern:))
    else { return nil }
    let microseconds = Int64(upper) << 32 | Int64(lower)
    guard microseconds > 0, microseconds < 32_503_680_000_000_000 else { return nil }
    return Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
  }
}
