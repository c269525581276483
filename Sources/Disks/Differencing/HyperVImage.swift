import Support

/// A VHD or VHDX as one link of a chain: what identifies it, and what it says of its parent.
struct HyperVImage {
  enum Kind {
    case vhd(VHDFile)
    case vhdx(VHDXFile)
  }

  let window: FileWindow
  let kind: Kind

  static let formats: Set<ImageFormat> = [.vpc, .vhdx]

  /// - Throws: `disk.malformed`, `disk.truncated`, `disk.unreadable`, `disk.unsupportedFormat`.
  init(_ path: String, _ format: ImageFormat) throws(AscendError) {
    window = try FileWindow(path)
    switch format {
    case .vhdx: kind = .vhdx(try VHDXFile.read(window))
    case .vpc: kind = .vhd(try VHDFile.read(window))
    default:
      throw AscendError(
        "disk.unsupportedFormat", "The image is neither a VHD nor a VHDX", object: path,
        remedy: "Only these have differencing images of their own")
    }
  }

  var isDifferencing: Bool {
    switch kind {
    case .vhd(let file): file.kind == .differencing
    case .vhdx(let file): file.hasParent
    }
  }

  /// One whose blocks are stored where its table says, and that stands alone.
  var isDynamicVHD: Bool {
    if case .vhd(let file) = kind { file.kind == .dynamic } else { false }
  }

  var virtualSize: Int64 {
    switch kind {
    case .vhd(let file): file.virtualSize
    case .vhdx(let file): file.virtualSize
    }
  }

  /// What a child names it by.
  var identifier: GUID {
    switch kind {
    case .vhd(let file): file.uniqueID
    case .vhdx(let file): file.dataWriteGUID
    }
  }

  /// The identifiers that its parent may have.
  var parentIdentifiers: [GUID] {
    switch kind {
    case .vhd(let file): [file.parentID].compactMap(\.self)
    case .vhdx(let file):
      // The second is there while the first is being changed.
      ["parent_linkage", "parent_linkage2"].compactMap { file.parent[$0] }.compactMap { GUID($0) }
        .filter { !$0.isZero }
    }
  }

  /// The parent's paths in its own words, relative ones first.
  var parentNames: [String] {
    switch kind {
    case .vhd(let file): file.parentNames
    case .vhdx(let file):
      ["relative_path", "absolute_win32_path", "volume_path"].compactMap { file.parent[$0] }.filter { !$0.isEmpty }
    }
  }

  /// Whether changes wait in its log.
  func isDirty() throws(AscendError) -> Bool {
    switch kind {
    case .vhd: false
    case .vhdx(let file): try file.isDirty(window)
    }
  }

  /// Looks through its tables.
  func survey() throws(AscendError) {
    switch kind {
    case .vhd(let file): _ = try DeltaSurvey(VHDBlocks(window, file))
    case .vhdx(let file): _ = try DeltaSurvey(VHDXBlocks(window, file))
    }
  }

  /// Writes the index through which it can be read.
  func writeIndex(at name: String) throws(AscendError) {
    switch kind {
    case .vhd(let file): try DeltaIndex.write(VHDBlocks(window, file), at: name)
    case .vhdx(let file): try DeltaIndex.write(VHDXBlocks(window, file), at: name)
    }
  }
}

extension AscendError {
  static func dirtyLog(_ path: String) -> AscendError {
    AscendError(
      "disk.dirtyLog", "The VHDX was not closed properly: changes stand in its log only", object: path,
      cause: "it was copied while its machine ran, or its host stopped at once",
      remedy:
        "Mount it once where it came from (Mount-VHD, then Dismount-VHD) and copy it again; for an image without a "
        + "parent, `qemu-img check -r all` on a copy of it does the same")
  }
}
