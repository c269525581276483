import Support

/// Brings the copies of a machine's disks together: those that were taken at one time are one restore point.
enum PointAligner {
  struct Point {
    var id: String
    var name: String?
    var takenAt: String?
    /// One copy a disk, in the disks' order.
    var copies: [DiskCopies.Copy]
  }

  /// The points, oldest first; the last is the machine's newest state. Never empty for a machine with disks.
  static func align(_ disks: [DiskCopies], _ findings: inout [String]) -> [Point] {
    guard let first = disks.first else { return [] }
    let counts = Set(disks.map(\.copies.count))
    var rows: [[DiskCopies.Copy]]
    if counts == [1] {
      return [point(disks.map { $0.copies[0] }, first)]
    } else if let labels = sharedLabels(disks), counts.count > 1 || labels.count == first.copies.count {
      rows = labels.map { label in disks.compactMap { disk in disk.copies.first { $0.label == label } } }
      let left = disks.reduce(0) { $0 + $1.copies.count } - labels.count * disks.count
      if left > 0 { findings.append("\(left) images are of points at which not every disk was copied: left aside") }
    } else if counts.count == 1 {
      rows = first.copies.indices.map { place in disks.map { $0.copies[place] } }
    } else {
      findings.append(
        "The disks have different numbers of copies (\(disks.map { String($0.copies.count) }.joined(separator: ", "))), "
          + "which no name or time brings together: only the newest of each are taken")
      rows = [disks.compactMap(\.copies.last)]
    }
    return unique(rows.map { point($0, first) })
  }

  /// The labels that every disk has, in the first disk's order; nil where there are none, or one means two copies.
  private static func sharedLabels(_ disks: [DiskCopies]) -> [String]? {
    var shared = disks[0].copies.map(\.label)
    for disk in disks {
      let labels = disk.copies.map(\.label)
      guard Set(labels).count == labels.count else { return nil }
      shared.removeAll { !labels.contains($0) }
    }
    return shared.isEmpty ? nil : shared
  }

  private static func point(_ copies: [DiskCopies.Copy], _ first: DiskCopies) -> Point {
    let id = copies[0].label.isEmpty ? "full" : String(copies[0].label.prefix(100))
    return Point(
      id: id, name: copies[0].name, takenAt: copies.compactMap(\.takenAt).max().map(Timestamp.text), copies: copies)
  }

  private static func unique(_ points: [Point]) -> [Point] {
    var seen: Set<String> = []
    return points.enumerated().map { place, point in
      var point = point
      if !seen.insert(point.id).inserted {
        point.id += "-\(place + 1)"
        seen.insert(point.id)
      }
      return point
    }
  }
}
