import Foundation

extension AWSEndpoints {
  /// `https://ec2.eu-central-1.amazonaws.com`, without a slash at the end: the override, or Amazon's own.
  public func url(service: String) -> String {
    guard let given = overrides[service] ?? endpoint else { return "https://\(ownHost(service))" }
    // One that cannot be read fails as it is: keys must not go to Amazon instead.
    return Self.normalized(given) ?? given
  }

  /// True where the service is not at Amazon's own address.
  public func isOverridden(_ service: String) -> Bool { overrides[service] != nil || endpoint != nil }

  /// `http` or `https`, a host and perhaps a port, in small letters and without the scheme's own port; nil where it is
  /// anything else.
  public static func normalized(_ url: String) -> String? {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil,
      parts.query == nil, parts.fragment == nil, parts.path.isEmpty || parts.path == "/",
      parts.port.map({ (1...65535).contains($0) }) ?? true,
      host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
    else { return nil }
    let own = scheme == "http" ? 80 : 443
    let port = parts.port.flatMap { $0 == own ? nil : ":\($0)" } ?? ""
    return "\(scheme)://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host)\(port)"
  }

  /// The region that a signature for the service names.
  func signingRegion(_ service: String) -> String {
    switch service {
    case "iam":
      switch partition {
      case .china: "cn-north-1"
      case .government: "us-gov-west-1"
      case .commercial, .other: "us-east-1"
      }
    case "pricing": partition == .china ? "cn-northwest-1" : "us-east-1"
    default: region
    }
  }

  private enum Partition { case commercial, china, government, other }

  private var partition: Partition {
    if region.hasPrefix("cn-") { return .china }
    if region.hasPrefix("us-gov-") { return .government }
    return region.hasPrefix("us-iso") || region.hasPrefix("eu-iso") || region.hasPrefix("eusc-")
      ? .other : .commercial
  }

  private var suffix: String {
    let known = [
      ("cn-", "amazonaws.com.cn"), ("us-isob-", "sc2s.sgov.gov"), ("us-isof-", "csp.hci.ic.gov"),
      ("eu-isoe-", "cloud.adc-e.uk"), ("us-iso-", "c2s.ic.gov"), ("eusc-", "amazonaws.eu"),
    ]
    return known.first { region.hasPrefix($0.0) }?.1 ?? "amazonaws.com"
  }

  private func ownHost(_ service: String) -> String {
    switch service {
    case "iam":
      switch partition {
      case .commercial: "iam.amazonaws.com"
      case .government: "iam.us-gov.amazonaws.com"
      case .china: "iam.cn-north-1.amazonaws.com.cn"
      case .other: "iam.\(region).\(suffix)"
      }
    case "pricing": "api.pricing.\(signingRegion(service)).\(partition == .china ? suffix : "amazonaws.com")"
    case "sso": "portal.sso.\(region).\(suffix)"
    default: "\(service).\(region).\(suffix)"
    }
  }

  /// Where an S3 path that begins with the bucket goes: the base, and the path there.
  func s3Target(_ path: String) -> (base: String, path: String) {
    let base = url(service: "s3")
    let parts = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
    guard let bucket = parts.first, !usesPathStyle(bucket), let mark = base.range(of: "://") else {
      return (base, path)
    }
    let rest = path.dropFirst(1 + bucket.utf8.count)
    return (base[..<mark.upperBound] + bucket + "." + base[mark.upperBound...], rest.isEmpty ? "/" : String(rest))
  }

  /// A bucket whose name has dots matches no certificate as a host, and there is no name below an address of digits.
  private func usesPathStyle(_ bucket: Substring) -> Bool {
    let host = URLComponents(string: url(service: "s3"))?.host ?? ""
    if host.contains(":") || host.wholeMatch(of: /[0-9.]+/) != nil { return true }
    if let pathStyleS3 { return pathStyleS3 }
    return isOverridden("s3") || bucket.contains(".")
  }
}
