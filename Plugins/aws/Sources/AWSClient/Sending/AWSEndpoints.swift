/// Where each service of a region answers.
public struct AWSEndpoints: Hashable, Sendable {
  public var region: String
  /// One address for all services, instead of Amazon's own.
  public var endpoint: String?
  /// By service (`ec2`, `ebs`, `s3`, `sts`, `pricing`): goes before `endpoint`.
  public var overrides: [String: String]
  /// True puts buckets into the path, false into the host name; nil decides by the address (path where it is not
  /// Amazon's own).
  public var pathStyleS3: Bool?

  public init(
    region: String, endpoint: String? = nil, overrides: [String: String] = [:], pathStyleS3: Bool? = nil
  ) {
    self.region = region
    self.endpoint = endpoint
    self.overrides = overrides
    self.pathStyleS3 = pathStyleS3
  }
}
