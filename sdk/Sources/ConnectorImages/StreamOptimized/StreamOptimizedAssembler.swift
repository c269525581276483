import ConnectorProtocol

/// Puts a streamOptimized VMDK together: grains as they come, a table behind each 512 of them that hold data, then the
/// directory, the footer and the end.
public struct StreamOptimizedAssembler: ImageAssembler {
  /// 1 PiB: the directory of a larger one would take more memory than an encoder may.
  private static let largestDisk: Int64 = 1 << 50

  private let layout: StreamOptimizedLayout
  /// The sectors of the tables; 0 where no grain of a table holds data.
  private var directory: [UInt32]
  private var table = [UInt32](repeating: 0, count: StreamOptimizedEncoder.grainsPerTable)
  /// The table that grains go to at the moment.
  private var current: Int?

  init(sizeBytes: Int64, options: StreamOptimizedEncoder.Options) throws(ConnectorError) {
    guard sizeBytes <= Self.largestDisk else {
      throw ConnectorError(
        .diskUnsupported, "A disk of \(sizeBytes) bytes is larger than a streamOptimized VMDK is made for.",
        remedy: "Use another format.", outcome: .none)
    }
    layout = StreamOptimizedLayout(sizeBytes: sizeBytes, options: options)
    directory = [UInt32](repeating: 0, count: Int(StreamOptimizedLayout.tableCount(sizeBytes)))
  }

  public mutating func begin(_ output: inout ImageOutput) {
    output.append(layout.header(directorySector: StreamOptimizedLayout.atEnd))
    output.append(layout.descriptor())
    output.pad(to: StreamOptimizedLayout.overheadBytes)
  }

  public mutating func add(_ chunk: PackedChunk, to output: inout ImageOutput) throws {
    guard let first = chunk.parts.first else { return }
    // A chunk is a part of what one table covers.
    let number = Int(first.index) / StreamOptimizedEncoder.grainsPerTable
    if number != current { try finishTable(&output) }
    current = number
    for part in chunk.parts {
      table[Int(part.index) % StreamOptimizedEncoder.grainsPerTable] = try sector(output.position + Int64(part.start))
    }
    output.append(chunk.bytes)
  }

  public mutating func end(_ output: inout ImageOutput) throws {
    try finishTable(&output)
    let entries = layout.entries(directory)
    output.append(layout.marker(.directory, sectors: entries.count / Sector.bytes))
    let directorySector = try sector(output.position)
    output.append(entries)
    output.append(layout.marker(.footer, sectors: 1))
    output.append(layout.header(directorySector: UInt64(directorySector)))
    output.append(layout.marker(.endOfStream, sectors: 0))
  }

  private mutating func finishTable(_ output: inout ImageOutput) throws {
    guard let number = current else { return }
    let entries = layout.entries(table)
    output.append(layout.marker(.table, sectors: entries.count / Sector.bytes))
    directory[number] = try sector(output.position)
    output.append(entries)
    for index in table.indices { table[index] = 0 }
    current = nil
  }

  /// The number of the sector at `position`, which a table can hold.
  private func sector(_ position: Int64) throws(ConnectorError) -> UInt32 {
    guard let sector = UInt32(exactly: position / Int64(Sector.bytes)) else {
      throw ConnectorError(
        .diskUnsupported, "The disk holds too much for a streamOptimized VMDK, which ends at 2 TiB of compressed data.",
        remedy: "Use another format for this disk.", outcome: .partial)
    }
    return sector
  }
}
