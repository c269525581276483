import Support

/// One block of a differencing image that its parent does not stand in for.
struct DeltaBlock {
  enum Content {
    /// It reads as zeros.
    case zeros
    /// All of it is in the image, at this offset.
    case stored(at: Int64)
    /// Some sectors of it are in the image, in their places from this offset on.
    case partly(at: Int64)
  }

  var number: Int64
  var content: Content

  /// Where its data would start.
  var offset: Int64? {
    switch content {
    case .zeros: nil
    case .stored(let at), .partly(let at): at
    }
  }
}

/// The blocks of a differencing image.
protocol DeltaBlocks {
  var window: FileWindow { get }
  var virtualSize: Int64 { get }
  var blockBytes: Int64 { get }
  /// What else of the file is taken: no block may lie there.
  var reserved: Int64 { get }
  /// Calls `body` with every block that the parent does not stand in for, in their order.
  func forEach(_ body: (DeltaBlock) throws(AscendError) -> Void) throws(AscendError)
  /// Which sectors of a `partly` block are in the image: a bit per 512 bytes, a word per 16 KiB, the lowest bit first.
  func sectors(of block: DeltaBlock) throws(AscendError) -> [UInt32]
  func malformed(_ cause: String) -> AscendError
}

/// What a first look at a differencing image's tables says of it.
struct DeltaSurvey {
  /// How many bytes of the file its blocks take.
  var storedBytes: Int64 = 0
  /// How many stretches of `DeltaIndex.tableBytes` of the disk it holds something of.
  var tables: Int64 = 0
  /// By how many bytes its blocks miss the boundaries of clusters.
  var shifts: Set<Int64> = []

  /// Looks at every block and refuses tables that cannot be right: blocks out of the file, or more of them than fit.
  ///
  /// - Throws: `disk.malformed`, `disk.truncated`, `disk.unreadable`.
  init(_ delta: some DeltaBlocks) throws(AscendError) {
    let perBlock = max(1, delta.blockBytes / DeltaIndex.tableBytes)
    var last: Int64 = -1
    var survey = (stored: Int64(0), tables: Int64(0), shifts: Set<Int64>())
    let size = delta.window.length
    try delta.forEach { (block) throws(AscendError) in
      let start = block.number * delta.blockBytes
      guard start < delta.virtualSize else { throw delta.malformed("it has blocks behind the disk's end") }
      let table = start / DeltaIndex.tableBytes
      if table > last {
        survey.tables += perBlock
        last = table + perBlock - 1
      }
      guard let offset = block.offset else { return }
      guard offset >= delta.reserved else { throw delta.malformed("a block lies in its headers") }
      let wanted = min(delta.blockBytes, (delta.virtualSize - start + 511) / 512 * 512)
      guard offset <= size, wanted <= size - offset else {
        throw AscendError(
          "disk.truncated", "The image ends before its blocks do", object: delta.window.path,
          cause: "block \(block.number) is at \(offset), the file has \(size) bytes",
          remedy: "It was cut short or damaged: copy the backup again")
      }
      survey.stored += wanted
      guard survey.stored <= size else { throw delta.malformed("its blocks share their places in the file") }
      survey.shifts.insert(offset % DeltaIndex.clusterBytes)
    }
    guard survey.tables <= DeltaIndex.mostTables else {
      throw AscendError(
        "disk.tooLarge", "The differencing image spreads over too much of its disk", object: delta.window.path,
        remedy: "Merge it with its parent on the system it came from")
    }
    (storedBytes, tables, shifts) = survey
  }
}
