import Foundation

/// How far a conversion is.
public struct ConversionProgress: Hashable, Sendable {
  /// 0 to 1.
  public var share: Double
  /// Going on as so far; nil while too little is known.
  public var secondsLeft: Double?
  /// The room that the image takes by now.
  public var bytesWritten: Int64
}

/// What a conversion's progress is reckoned from.
struct ConversionClock: Sendable {
  private let start = ContinuousClock.now
  /// Where the image is written.
  let folder: String

  func progress(_ share: Double) -> ConversionProgress {
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let isKnown = share >= 0.02 && elapsed >= 0.5
    return ConversionProgress(
      share: share, secondsLeft: isKnown ? elapsed * (1 - share) / share : nil, bytesWritten: written())
  }

  private func written() -> Int64 {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { sum, name in
      var status = stat()
      return lstat(folder + "/" + name, &status) == 0 ? sum + Int64(status.st_blocks) * 512 : sum
    }
  }
}
