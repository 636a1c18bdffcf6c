curl --location 'https://api.example.com/identity/anonymous-token?site=example-site&platform=web_browser&deviceId=browser-unique_id_1234' \
--header 'Accept: application/json, text/plain, */*' \
--header 'x-api-key: a1b2c3d4e5f6g7h8i9j0k'

curl --location 'https://api.example.com/identity/anonymous-token?site=example-site&platform=iOS&deviceId=app-unique_id_5678' \
--header 'Accept: application/json, text/plain, */w*' \
--header 'x-api-key: a1b2c3d4e5f6g7h8i9j0k'

curl --location 'https://api.example.com/identity/anonymous-token?site=example-site&platform=Android&deviceId=app-unique_id_9012' \
--header 'Accept: application/json, text/plain, */*' \
--header 'x-api-key: a1b2c3d4e5f6g7h8i9j0k'
