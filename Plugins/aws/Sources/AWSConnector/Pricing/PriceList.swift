import AWSClient
import ConnectorProtocol

/// On-demand prices, asked of AWS for the few types that matter.
struct PriceList: Sendable {
  /// Sends a request once: an estimate is not worth waiting for.
  var api: any AWSAPI
  var region: String

  /// US dollars an hour, of those types whose price AWS tells.
  ///
  /// - Throws: `AWSError` where the service cannot be asked, which is no error of the plan.
  func hours(_ types: [String]) async throws -> [String: Double] {
    try await withThrowingTaskGroup(of: (String, Double?).self) { group in
      for type in types { group.addTask { (type, try await hour(type)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  private func hour(_ type: String) async throws -> Double? {
    let filters = [
      ("regionCode", region), ("instanceType", type), ("operatingSystem", "Linux"), ("tenancy", "Shared"),
      ("preInstalledSw", "NA"), ("capacitystatus", "Used"),
    ]
    let answer = try await api.json(
      "pricing", target: "AWSPriceListService.GetProducts",
      body: [
        "ServiceCode": "AmazonEC2", "FormatVersion": "aws_v1", "MaxResults": 10,
        "Filters": .array(
          filters.map { ["Type": "TERM_MATCH", "Field": .string($0.0), "Value": .string($0.1)] }),
      ])
    return Self.lowest(answer)
  }

  /// Each entry of the list is JSON in a string.
  static func lowest(_ answer: JSONValue) -> Double? {
    (answer["PriceList"]?.arrayValue ?? []).compactMap { entry -> Double? in
      let product = entry.stringValue.flatMap(JSONText.parse) ?? entry
      let offers = product["terms"]?["OnDemand"]?.objectValue?.values.map { $0 } ?? []
      let dimensions = offers.flatMap { $0["priceDimensions"]?.objectValue?.values.map { $0 } ?? [] }
      return dimensions.compactMap { $0["pricePerUnit"]?["USD"]?.stringValue.flatMap(Double.init) }
        .filter { $0 > 0 && $0.isFinite }.min()
    }.min()
  }
}
