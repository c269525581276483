/// The last 512 bytes of a fixed VHD ("Virtual Hard Disk Image Format Specification", 1.0).
struct VHDFooter {
  static let byteCount = 512

  let sizeBytes: Int64
  let options: FixedVHDEncoder.Options

  var bytes: [UInt8] {
    let geometry = VHDGeometry(sizeBytes: sizeBytes)
    var footer = ByteBuilder(count: Self.byteCount)
    footer.put("conectix".utf8, at: 0)
    footer.big(UInt32(2), at: 8)
    footer.big(UInt32(0x10000), at: 12)
    // No further header: the size is fixed.
    footer.big(UInt64.max, at: 16)
    footer.big(options.createdSeconds, at: 24)
    // Windows': everybody reads the size of such an image from its field. Of other creators some take the geometry,
    // which cannot say every size.
    footer.put("win ".utf8, at: 28)
    footer.big(UInt32(0xa0000), at: 32)
    footer.put("Wi2k".utf8, at: 36)
    footer.big(UInt64(sizeBytes), at: 40)
    footer.big(UInt64(sizeBytes), at: 48)
    footer.big(geometry.cylinders, at: 56)
    footer.big(geometry.heads, at: 58)
    footer.big(geometry.sectorsPerTrack, at: 59)
    footer.big(UInt32(2), at: 60)
    footer.put(ImageIdentity.uuid("vhd", options.identity, "\(sizeBytes)"), at: 68)
    footer.big(~footer.bytes.reduce(UInt32(0)) { $0 &+ UInt32($1) }, at: 64)
    return footer.bytes
  }
}
