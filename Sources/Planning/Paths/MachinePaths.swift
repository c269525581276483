import ConnectorProtocol

/// The paths of all disks of a machine: the cheapest for each, or one form for all where that costs hardly more.
struct MachinePaths {
  /// How much more the one form for all may cost.
  static let tolerance = 1.05

  let path: ConversionPath
  let freeBytes: Int64

  func choose(for sources: [PathSource]) -> [PathChoice] {
    let separate = choices(for: sources, by: path)
    let forms = Set(separate.compactMap(\.cost?.preference))
    guard forms.count > 1, let least = Self.total(separate) else { return separate }
    let common = forms.sorted().lazy
      .map { (choices(for: sources, by: path.limited(to: $0))) }
      .first { choices in
        guard let total = Self.total(choices) else { return false }
        return total.seconds <= least.seconds * Self.tolerance
          && Double(total.bytes) <= Double(least.bytes) * Self.tolerance
      }
    guard let common else { return separate }
    return zip(common, separate).map(Self.explained)
  }

  /// Each disk leaves the next one less space.
  private func choices(for sources: [PathSource], by path: ConversionPath) -> [PathChoice] {
    var free = freeBytes
    return sources.map { source in
      let choice = path.choose(for: source, freeBytes: free)
      free -= choice.cost?.bytesStaged ?? 0
      return choice
    }
  }

  /// The common choice with what was said of the disk's own best one.
  private static func explained(_ choice: PathChoice, instead own: PathChoice) -> PathChoice {
    var choice = choice
    choice.rejected = own.rejected.filter { $0.path != choice.description }
    if choice.description != own.description {
      let reason = "one form for all of the machine's disks costs hardly more"
      choice.rejected.append(RejectedPath(path: own.description, reason: reason))
    }
    return choice
  }

  /// Nil where a disk has no path.
  private static func total(_ choices: [PathChoice]) -> (bytes: Int64, seconds: Double)? {
    var bytes: Int64 = 0
    var seconds = 0.0
    for choice in choices {
      guard let cost = choice.cost else { return nil }
      bytes += cost.bytesStaged
      seconds += cost.seconds
    }
    return (bytes, seconds)
  }
}
