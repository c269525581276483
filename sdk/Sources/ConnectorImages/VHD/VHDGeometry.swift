/// Cylinders, heads and sectors of a disk, as the VHD specification reckons them: at most those of 127 GiB.
struct VHDGeometry: Equatable {
  var cylinders: UInt16
  var heads: UInt8
  var sectorsPerTrack: UInt8

  private static let most: Int64 = 65535 * 16 * 255

  init(sizeBytes: Int64) {
    let sectors = min(sizeBytes / Int64(Sector.bytes), Self.most)
    var perTrack: Int64 = 17
    var heads: Int64 = 16
    if sectors >= 65535 * 16 * 63 {
      perTrack = 255
    } else {
      heads = max(4, (sectors / perTrack + 1023) / 1024)
      if sectors / perTrack >= heads * 1024 || heads > 16 { (perTrack, heads) = (31, 16) }
      if sectors / perTrack >= heads * 1024 { (perTrack, heads) = (63, 16) }
    }
    cylinders = UInt16(clamping: sectors / perTrack / heads)
    self.heads = UInt8(clamping: heads)
    sectorsPerTrack = UInt8(clamping: perTrack)
  }
}
